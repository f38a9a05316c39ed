CREATE TABLE "item" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"price" integer NOT NULL,
	"tagline" text NOT NULL,
	"description" text NOT NULL,
	"image" text NOT NULL,
	"calories" integer,
	"category" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "seeding" (
	"id" integer PRIMARY KEY NOT NULL,
	"seeded_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "item_category" ON "item" USING btree ("category","id");