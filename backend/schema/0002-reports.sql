-- SPDX-License-Identifier: GPL-2.0-or-later
-- Reports, what operators did about them, and a log of both that nobody can change unseen
-- (SECURITY-DESIGN T-14). Who reported whom is known by keyed tags, and so is the request that said it,
-- which may come twice; what people wrote is sealed.
-- Times are milliseconds since 1970. All but the audit is dropped after 30 days.
CREATE TABLE reports (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  reason TEXT NOT NULL,
  reporter TEXT NOT NULL,
  reported TEXT NOT NULL,
  opening TEXT NOT NULL,
  content TEXT NOT NULL,
  request TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'acted', 'dismissed'))
);
CREATE INDEX reports_by_reported ON reports (reported, reporter);
CREATE INDEX reports_by_age ON reports (at_ms);
CREATE UNIQUE INDEX reports_by_request ON reports (request);

CREATE TABLE appeals (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  reported TEXT NOT NULL,
  content TEXT NOT NULL,
  request TEXT NOT NULL
);
CREATE INDEX appeals_by_reported ON appeals (reported);
CREATE INDEX appeals_by_age ON appeals (at_ms);
CREATE UNIQUE INDEX appeals_by_request ON appeals (request);

-- Written with every report and appeal, also with those that are not kept: both end in a commit.
CREATE TABLE last_said (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  at_ms INTEGER NOT NULL
);

-- until_ms: when it stops to matter, whatever comes.
CREATE TABLE actions (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  report INTEGER NOT NULL,
  reported TEXT NOT NULL,
  opening TEXT NOT NULL,
  deed TEXT NOT NULL CHECK (deed IN ('mute', 'unmute', 'none')),
  until_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  note TEXT NOT NULL
);
CREATE INDEX actions_by_reported ON actions (reported);
CREATE INDEX actions_by_age ON actions (at_ms);

-- The last id of each kind: none is used twice, and what is taken back leaves no gap.
CREATE TABLE case_numbers (
  kind TEXT PRIMARY KEY,
  last INTEGER NOT NULL
);

-- Each row holds the hash of the one before it and its own; no row holds what people wrote.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  deed TEXT NOT NULL,
  subject TEXT NOT NULL,
  digest TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE (ABORT, 'the audit is never changed');
END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN
  SELECT RAISE (ABORT, 'the audit is never shortened');
END;

-- How long it is, sealed with the key file, so that a missing end is noticed.
CREATE TABLE audit_end (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  n_rows INTEGER NOT NULL,
  seal TEXT NOT NULL
);
