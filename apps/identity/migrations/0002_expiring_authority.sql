CREATE INDEX "client_grant_permission_permission" ON "client_grant_permission" USING btree ("permission_id");--> statement-breakpoint
CREATE INDEX "client_grant_permission_expiry" ON "client_grant_permission" USING btree ("expires_at") WHERE expires_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX "role_permission_permission" ON "role_permission" USING btree ("permission_id");--> statement-breakpoint
CREATE INDEX "role_permission_expiry" ON "role_permission" USING btree ("expires_at") WHERE expires_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX "user_permission_permission" ON "user_permission" USING btree ("permission_id");--> statement-breakpoint
CREATE INDEX "user_permission_expiry" ON "user_permission" USING btree ("expires_at") WHERE expires_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX "user_role_expiry" ON "user_role" USING btree ("expires_at") WHERE expires_at IS NOT NULL;