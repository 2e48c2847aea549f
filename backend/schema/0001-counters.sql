-- SPDX-License-Identifier: GPL-2.0-or-later
-- The daily counters, and which batches of them have been added. No row is about a person.
CREATE TABLE daily_stats (
  date TEXT PRIMARY KEY,
  total_sessions INTEGER NOT NULL DEFAULT 0,
  total_matches INTEGER NOT NULL DEFAULT 0,
  total_pings INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE interest_category_counts (
  date TEXT NOT NULL,
  category TEXT NOT NULL,
  count INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (date, category)
) WITHOUT ROWID;

-- applied_at: Unix seconds; rows are dropped after two days, when nobody can try the batch again.
CREATE TABLE applied_batches (
  id TEXT PRIMARY KEY,
  applied_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX applied_batches_by_age ON applied_batches (applied_at);
