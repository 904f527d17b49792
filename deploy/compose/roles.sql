-- Run once, by the image of PostgreSQL when the cluster is new: whoever migrates owns the database,
-- and the product works as a role that owns nothing in it.

-- Should it fail, no password is to stand in the log.
SET log_min_error_statement = panic;
-- What stands between the second colon and the @ of an address.
\set owner_password `cut -d: -f3 /run/secrets/owner_database_url | cut -d@ -f1`
\set password `cut -d: -f3 /run/secrets/database_url | cut -d@ -f1`
CREATE ROLE treasury_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE treasury LOGIN PASSWORD :'password';
CREATE DATABASE treasury OWNER treasury_owner;
