-- SPDX-License-Identifier: GPL-2.0-or-later
-- The daily counters, and which batches of them have been added. No row is about a person.
CREATE TABLE daily_stats (
  date date PRIMARY KEY,
  total_sessions bigint NOT NULL DEFAULT 0 CHECK (total_sessions >= 0),
  total_matches bigint NOT NULL DEFAULT 0 CHECK (total_matches >= 0),
  total_pings bigint NOT NULL DEFAULT 0 CHECK (total_pings >= 0)
);

-- Categories sort by their bytes, as SQLite does it.
CREATE TABLE interest_category_counts (
  date date NOT NULL,
  category text COLLATE "C" NOT NULL,
  count bigint NOT NULL DEFAULT 0 CHECK (count >= 0),
  PRIMARY KEY (date, category)
);

-- Rows are dropped after eight days: a batch may wait in a spool for seven.
CREATE TABLE applied_batches (
  id text COLLATE "C" PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now ()
);
CREATE INDEX applied_batches_by_age ON applied_batches (applied_at);
