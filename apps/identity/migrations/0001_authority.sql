CREATE TABLE "audit_entry" (
	"number" bigint PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"action" text NOT NULL,
	"actor" text NOT NULL,
	"target_kind" text NOT NULL,
	"target_id" text NOT NULL,
	"entry" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "authority_touch" (
	"number" bigint NOT NULL,
	"resource_server_id" text,
	"subject" text,
	"client_id" text
);
--> statement-breakpoint
CREATE TABLE "consent" (
	"user_id" text NOT NULL,
	"client_id" text NOT NULL,
	"oidc_scopes" text[] NOT NULL,
	"api_scopes" jsonb NOT NULL,
	"given_at" timestamp with time zone DEFAULT now() NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "consent_user_id_client_id_pk" PRIMARY KEY("user_id","client_id")
);
--> statement-breakpoint
CREATE TABLE "denial" (
	"number" bigint NOT NULL,
	"by" text NOT NULL,
	"value" text NOT NULL,
	"issued_until" timestamp with time zone,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_head" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"incarnation" text NOT NULL,
	"number" bigint NOT NULL,
	"hash" text NOT NULL,
	"trimmed_up_to" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "log_head_is_one" CHECK ("log_head"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "login_failure" (
	"key" text PRIMARY KEY NOT NULL,
	"count" integer NOT NULL,
	"allowed" integer NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "logout_notice" (
	"client_id" text NOT NULL,
	"sid" text NOT NULL,
	"subject" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "logout_notice_client_id_sid_pk" PRIMARY KEY("client_id","sid")
);
--> statement-breakpoint
ALTER TABLE "artifact" ADD COLUMN "public_id" text DEFAULT gen_random_uuid()::text NOT NULL;--> statement-breakpoint
ALTER TABLE "artifact" ADD COLUMN "created_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "artifact" ADD COLUMN "successor" text;--> statement-breakpoint
ALTER TABLE "artifact" ADD COLUMN "device" jsonb;--> statement-breakpoint
ALTER TABLE "client" ADD COLUMN "origins" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "client" ADD COLUMN "backchannel_logout_uri" text;--> statement-breakpoint
ALTER TABLE "client" ADD COLUMN "jwks" jsonb;--> statement-breakpoint
ALTER TABLE "client" ADD COLUMN "resource_server_id" text;--> statement-breakpoint
ALTER TABLE "client" ADD COLUMN "enabled" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_server" ADD COLUMN "enforce_policies" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_server" ADD COLUMN "token_dialect" text DEFAULT 'rfc9068_profile_authz' NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_server" ADD COLUMN "token_lifetime" integer;--> statement-breakpoint
ALTER TABLE "resource_server" ADD COLUMN "allow_offline_access" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_server" ADD COLUMN "is_system" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "signing_key" ADD COLUMN "signs_from" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "signing_key" ADD COLUMN "revoked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "user" ADD COLUMN "user_metadata" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "user" ADD COLUMN "app_metadata" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "user" ADD COLUMN "password_changed_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "user" ADD COLUMN "last_login_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "user" ADD COLUMN "logins_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "consent" ADD CONSTRAINT "consent_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consent" ADD CONSTRAINT "consent_client_id_client_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."client"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "logout_notice" ADD CONSTRAINT "logout_notice_client_id_client_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."client"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_entry_target" ON "audit_entry" USING btree ("target_kind","target_id","number");--> statement-breakpoint
CREATE INDEX "audit_entry_actor" ON "audit_entry" USING btree ("actor","number");--> statement-breakpoint
CREATE INDEX "authority_touch_number" ON "authority_touch" USING btree ("number");--> statement-breakpoint
CREATE INDEX "denial_number" ON "denial" USING btree ("number");--> statement-breakpoint
CREATE INDEX "denial_expiry" ON "denial" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "denial_value" ON "denial" USING btree ("by","value");--> statement-breakpoint
CREATE INDEX "login_failure_until" ON "login_failure" USING btree ("until");--> statement-breakpoint
CREATE INDEX "logout_notice_due" ON "logout_notice" USING btree ("due_at");--> statement-breakpoint
ALTER TABLE "client" ADD CONSTRAINT "client_resource_server_id_resource_server_id_fk" FOREIGN KEY ("resource_server_id") REFERENCES "public"."resource_server"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "artifact_client" ON "artifact" USING btree ("client_id") WHERE client_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX "client_grant_permission_permission" ON "client_grant_permission" USING btree ("permission_id");--> statement-breakpoint
CREATE INDEX "client_grant_permission_expiry" ON "client_grant_permission" USING btree ("expires_at") WHERE expires_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX "role_permission_permission" ON "role_permission" USING btree ("permission_id");--> statement-breakpoint
CREATE INDEX "role_permission_expiry" ON "role_permission" USING btree ("expires_at") WHERE expires_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX "user_permission_permission" ON "user_permission" USING btree ("permission_id");--> statement-breakpoint
CREATE INDEX "user_permission_expiry" ON "user_permission" USING btree ("expires_at") WHERE expires_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX "user_role_expiry" ON "user_role" USING btree ("expires_at") WHERE expires_at IS NOT NULL;--> statement-breakpoint
ALTER TABLE "artifact" ADD CONSTRAINT "artifact_public_id" UNIQUE("public_id");