CREATE TABLE "logout_notice" (
	"client_id" text NOT NULL,
	"sid" text NOT NULL,
	"subject" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "logout_notice_client_id_sid_pk" PRIMARY KEY("client_id","sid")
);
--> statement-breakpoint
ALTER TABLE "logout_notice" ADD CONSTRAINT "logout_notice_client_id_client_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."client"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "logout_notice_due" ON "logout_notice" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "denial_value" ON "denial" USING btree ("by","value");