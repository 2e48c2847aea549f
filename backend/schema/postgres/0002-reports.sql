-- SPDX-License-Identifier: GPL-2.0-or-later
-- Reports, what operators did about them, and a log of both that nobody can change unseen
-- (SECURITY-DESIGN T-14). Who reported whom is known by keyed tags, and so is the request that said it,
-- which may come twice; what people wrote is sealed.
-- Times are milliseconds since 1970. All but the audit is dropped after 30 days.
CREATE TABLE reports (
  id bigint PRIMARY KEY,
  at_ms bigint NOT NULL,
  reason text NOT NULL,
  reporter text COLLATE "C" NOT NULL,
  reported text COLLATE "C" NOT NULL,
  opening text NOT NULL,
  content text NOT NULL,
  request text COLLATE "C" NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'closed', 'acted', 'dismissed'))
);
CREATE INDEX reports_by_reported ON reports (reported, reporter);
CREATE INDEX reports_by_age ON reports (at_ms);
CREATE UNIQUE INDEX reports_by_request ON reports (request);

CREATE TABLE appeals (
  id bigint PRIMARY KEY,
  at_ms bigint NOT NULL,
  reported text COLLATE "C" NOT NULL,
  content text NOT NULL,
  request text COLLATE "C" NOT NULL
);
CREATE INDEX appeals_by_reported ON appeals (reported);
CREATE INDEX appeals_by_age ON appeals (at_ms);
CREATE UNIQUE INDEX appeals_by_request ON appeals (request);

-- Written with every report and appeal, also with those that are not kept: both end in a commit.
CREATE TABLE last_said (
  id integer PRIMARY KEY CHECK (id = 1),
  at_ms bigint NOT NULL
);

-- until_ms: when it stops to matter, whatever comes.
CREATE TABLE actions (
  id bigint PRIMARY KEY,
  at_ms bigint NOT NULL,
  report bigint NOT NULL,
  reported text COLLATE "C" NOT NULL,
  opening text NOT NULL,
  deed text NOT NULL CHECK (deed IN ('mute', 'unmute', 'none')),
  until_ms bigint NOT NULL,
  actor text NOT NULL,
  note text NOT NULL
);
CREATE INDEX actions_by_reported ON actions (reported);
CREATE INDEX actions_by_age ON actions (at_ms);

-- The last id of each kind: none is used twice, and what is taken back leaves no gap.
CREATE TABLE case_numbers (
  kind text PRIMARY KEY,
  last bigint NOT NULL
);

-- Each row holds the hash of the one before it and its own; no row holds what people wrote.
CREATE TABLE audit (
  id bigint PRIMARY KEY,
  at_ms bigint NOT NULL,
  actor text NOT NULL,
  deed text NOT NULL,
  subject text NOT NULL,
  digest text NOT NULL,
  previous text NOT NULL,
  hash text NOT NULL
);
CREATE FUNCTION audit_is_never_changed () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit is never changed';
END
$$;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION audit_is_never_changed ();

-- How long it is, sealed with the key file, so that a missing end is noticed.
CREATE TABLE audit_end (
  id integer PRIMARY KEY CHECK (id = 1),
  n_rows bigint NOT NULL,
  seal text NOT NULL
);
