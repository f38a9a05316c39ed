ALTER TABLE "artifact" ADD COLUMN "successor" text;--> statement-breakpoint
CREATE INDEX "artifact_client" ON "artifact" USING btree ("client_id") WHERE client_id IS NOT NULL;