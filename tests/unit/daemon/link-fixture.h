/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "scripted-backend.h"
#include "sighej-link.h"
#include "sighej-test.h"

/* A link, the backend it talks to, and what it said. */

#define LINK_FIXTURE_TIMEOUT_S 10 /* for each request */

extern const guint8 link_fixture_opening[16];
extern const char *const link_fixture_jazz[]; /* the interests it begins with */

typedef struct
{
  SighejTestClock *clock;
  ScriptedBackend *backend;
  SighejLink *link;

  guint n_session_changed;
  guint n_nudges;
  guint64 nudge_seq;
  guint n_results;
  guint n_matches;
  SighejToken result_token;
} LinkFixture;

/* @ca_file: (nullable) */
void link_fixture_make_link (LinkFixture *fixture, const char *ca_file);
void link_fixture_set_up (LinkFixture *fixture, gconstpointer unused);
void link_fixture_tear_down (LinkFixture *fixture, gconstpointer unused);
gint64 link_fixture_now_us (LinkFixture *fixture);
void link_fixture_open_for (LinkFixture *fixture, gint64 seconds);
gboolean link_fixture_is_in (LinkFixture *fixture, SighejBackendState state);
gboolean link_fixture_is_online (LinkFixture *fixture);
void link_fixture_go_online (LinkFixture *fixture, gint64 seconds);
/*
 * Lets time go by in steps small enough for pings to be answered in between. Not for attempts to
 * connect: those take turns of the main loop that cannot be told, and would run into their timeout.
 */
void link_fixture_pass (LinkFixture *fixture, guint seconds);
guint link_fixture_get_n_posts (LinkFixture *fixture);
guint64 link_fixture_get_counter (LinkFixture *fixture, const char *name);
/* The level of one line of the doctor, "" when it is not there. */
const char *link_fixture_ask_doctor (LinkFixture *fixture, const char *id);
