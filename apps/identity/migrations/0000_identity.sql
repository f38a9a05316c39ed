CREATE TABLE "artifact" (
	"model" text NOT NULL,
	"id_hash" text NOT NULL,
	"payload" jsonb NOT NULL,
	"grant_id" text,
	"account_id" text,
	"client_id" text,
	"session_uid" text,
	"user_code" text,
	"expires_at" timestamp with time zone,
	"consumed_at" timestamp with time zone,
	CONSTRAINT "artifact_model_id_hash_pk" PRIMARY KEY("model","id_hash")
);
--> statement-breakpoint
CREATE TABLE "client" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"first_party" boolean NOT NULL,
	"auth0_dialect" boolean DEFAULT false NOT NULL,
	"secret_hash" text,
	"grant_types" text[] NOT NULL,
	"redirect_uris" text[] NOT NULL,
	"logout_uris" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "client_grant" (
	"id" text PRIMARY KEY NOT NULL,
	"client_id" text NOT NULL,
	"resource_server_id" text NOT NULL,
	CONSTRAINT "client_grant_api" UNIQUE("client_id","resource_server_id")
);
--> statement-breakpoint
CREATE TABLE "client_grant_permission" (
	"client_grant_id" text NOT NULL,
	"permission_id" text NOT NULL,
	"granted_by" text NOT NULL,
	"granted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	CONSTRAINT "client_grant_permission_client_grant_id_permission_id_pk" PRIMARY KEY("client_grant_id","permission_id")
);
--> statement-breakpoint
CREATE TABLE "permission" (
	"id" text PRIMARY KEY NOT NULL,
	"resource_server_id" text NOT NULL,
	"name" text NOT NULL,
	"description" text NOT NULL,
	CONSTRAINT "permission_name" UNIQUE("resource_server_id","name")
);
--> statement-breakpoint
CREATE TABLE "resource_server" (
	"id" text PRIMARY KEY NOT NULL,
	"identifier" text NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "resource_server_identifier_unique" UNIQUE("identifier")
);
--> statement-breakpoint
CREATE TABLE "resource_server_alias" (
	"alias" text PRIMARY KEY NOT NULL,
	"resource_server_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "role" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text NOT NULL,
	CONSTRAINT "role_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "role_permission" (
	"role_id" text NOT NULL,
	"permission_id" text NOT NULL,
	"granted_by" text NOT NULL,
	"granted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	CONSTRAINT "role_permission_role_id_permission_id_pk" PRIMARY KEY("role_id","permission_id")
);
--> statement-breakpoint
CREATE TABLE "signing_key" (
	"kid" text PRIMARY KEY NOT NULL,
	"private_jwe" text NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"retired_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "user" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"email_verified" boolean DEFAULT false NOT NULL,
	"name" text NOT NULL,
	"nickname" text NOT NULL,
	"picture" text,
	"password_hash" text NOT NULL,
	"blocked" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "user_permission" (
	"user_id" text NOT NULL,
	"permission_id" text NOT NULL,
	"granted_by" text NOT NULL,
	"granted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	CONSTRAINT "user_permission_user_id_permission_id_pk" PRIMARY KEY("user_id","permission_id")
);
--> statement-breakpoint
CREATE TABLE "user_role" (
	"user_id" text NOT NULL,
	"role_id" text NOT NULL,
	"granted_by" text NOT NULL,
	"granted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	CONSTRAINT "user_role_user_id_role_id_pk" PRIMARY KEY("user_id","role_id")
);
--> statement-breakpoint
ALTER TABLE "client_grant" ADD CONSTRAINT "client_grant_client_id_client_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."client"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "client_grant" ADD CONSTRAINT "client_grant_resource_server_id_resource_server_id_fk" FOREIGN KEY ("resource_server_id") REFERENCES "public"."resource_server"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "client_grant_permission" ADD CONSTRAINT "client_grant_permission_client_grant_id_client_grant_id_fk" FOREIGN KEY ("client_grant_id") REFERENCES "public"."client_grant"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "client_grant_permission" ADD CONSTRAINT "client_grant_permission_permission_id_permission_id_fk" FOREIGN KEY ("permission_id") REFERENCES "public"."permission"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "permission" ADD CONSTRAINT "permission_resource_server_id_resource_server_id_fk" FOREIGN KEY ("resource_server_id") REFERENCES "public"."resource_server"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resource_server_alias" ADD CONSTRAINT "resource_server_alias_resource_server_id_resource_server_id_fk" FOREIGN KEY ("resource_server_id") REFERENCES "public"."resource_server"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_permission" ADD CONSTRAINT "role_permission_role_id_role_id_fk" FOREIGN KEY ("role_id") REFERENCES "public"."role"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_permission" ADD CONSTRAINT "role_permission_permission_id_permission_id_fk" FOREIGN KEY ("permission_id") REFERENCES "public"."permission"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_permission" ADD CONSTRAINT "user_permission_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_permission" ADD CONSTRAINT "user_permission_permission_id_permission_id_fk" FOREIGN KEY ("permission_id") REFERENCES "public"."permission"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_role" ADD CONSTRAINT "user_role_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_role" ADD CONSTRAINT "user_role_role_id_role_id_fk" FOREIGN KEY ("role_id") REFERENCES "public"."role"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "artifact_grant" ON "artifact" USING btree ("grant_id") WHERE grant_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX "artifact_account" ON "artifact" USING btree ("account_id") WHERE account_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX "artifact_session" ON "artifact" USING btree ("session_uid") WHERE session_uid IS NOT NULL;--> statement-breakpoint
CREATE INDEX "artifact_user_code" ON "artifact" USING btree ("user_code") WHERE user_code IS NOT NULL;--> statement-breakpoint
CREATE INDEX "artifact_expiry" ON "artifact" USING btree ("expires_at") WHERE expires_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX "user_role_role" ON "user_role" USING btree ("role_id");--> statement-breakpoint
CREATE VIEW "public"."effective_user_permission" AS (
  SELECT held.user_id, permission.resource_server_id, permission.id AS permission_id, permission.name,
         jsonb_agg(held.source) AS sources
  FROM (
    SELECT user_id, permission_id,
           jsonb_build_object('type', 'DIRECT', 'id', NULL, 'name', NULL) AS source
    FROM user_permission
    WHERE expires_at IS NULL OR expires_at > now()
    UNION ALL
    SELECT user_role.user_id, role_permission.permission_id,
           jsonb_build_object('type', 'ROLE', 'id', role.id, 'name', role.name)
    FROM user_role
    JOIN role ON role.id = user_role.role_id
    JOIN role_permission ON role_permission.role_id = role.id
    WHERE (user_role.expires_at IS NULL OR user_role.expires_at > now())
      AND (role_permission.expires_at IS NULL OR role_permission.expires_at > now())
  ) AS held
  JOIN permission ON permission.id = held.permission_id
  GROUP BY held.user_id, permission.resource_server_id, permission.id, permission.name
);