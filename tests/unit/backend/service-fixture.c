/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "service-fixture.h"

#include <string.h>

#include "sighej-error.h"
#include "sighej-ledger-sqlite.h"
#include "sighej-store-memory.h"
#include "sighej-test.h"

const SighejServiceLimits service_limits = {
  .session_ttl_s = 7200,
  .allowance = {
    .sightings_per_minute = 120,
    .sightings_burst = 60,
    .distinct_tokens_per_hour = 2000,
    .sessions_per_address = 600,
  },
  .statistics_minimum = 5,
};

static void
on_outbox_signal (SighejService *service, const char *session_id, gpointer user_data)
{
  g_ptr_array_add (((Service *) user_data)->woken, g_strdup (session_id));
}

static void
on_ended_signal (SighejService *service, const char *session_id, gpointer user_data)
{
  g_ptr_array_add (((Service *) user_data)->ended, g_strdup (session_id));
}

static void
make_service (Service *self, SighejAuthMode auth_mode, const SighejServiceLimits *limits)
{
  self->service = sighej_service_new (self->store,
                                      self->ledger,
                                      self->vault,
                                      sighej_vocabulary_get_default (),
                                      SIGHEJ_CLOCK (self->clock),
                                      auth_mode,
                                      SIGHEJ_MATCH_MUTUAL,
                                      limits);
  g_signal_connect (self->service, "outbox", G_CALLBACK (on_outbox_signal), self);
  g_signal_connect (self->service, "ended", G_CALLBACK (on_ended_signal), self);
}

void
service_set_up (Service *self, gconstpointer data)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *key = g_build_filename (folder, "backend.key", NULL);
  g_autoptr (GError) error = NULL;

  self->clock = sighej_test_clock_new ();
  self->store = sighej_store_memory_new (SIGHEJ_CLOCK (self->clock));
  self->ledger = sighej_ledger_sqlite_new (":memory:", &error);
  g_assert_no_error (error);
  self->vault = sighej_vault_new_from_file (key, TRUE, &error);
  g_assert_no_error (error);
  self->woken = g_ptr_array_new_with_free_func (g_free);
  self->ended = g_ptr_array_new_with_free_func (g_free);
  make_service (self, data != NULL ? SIGHEJ_AUTH_LEGACY : SIGHEJ_AUTH_BEARER, &service_limits);
}

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(gboolean *) user_data = sighej_service_flush_finish (SIGHEJ_SERVICE (source), result, NULL);
}

static void
drop_service (Service *self)
{
  gboolean flushed = FALSE;

  sighej_service_flush_async (self->service, on_flushed, &flushed);
  WAIT_UNTIL (flushed);
  sighej_test_assert_finalized (self->service);
}

void
service_tear_down (Service *self, gconstpointer data)
{
  drop_service (self);
  sighej_test_assert_finalized (self->store);
  sighej_test_assert_finalized (self->ledger);
  sighej_test_assert_finalized (self->vault);
  g_assert_cmpint (sighej_test_clock_next_us (self->clock), ==, -1);
  sighej_test_assert_finalized (self->clock);
  g_ptr_array_unref (self->woken);
  g_ptr_array_unref (self->ended);
}

void
service_set_limits (Service *self, const SighejServiceLimits *limits)
{
  drop_service (self);
  make_service (self, SIGHEJ_AUTH_BEARER, limits);
}

SighejWireSessionRequest *
service_request (const char *token, const char *interests)
{
  SighejWireSessionRequest *request = g_new0 (SighejWireSessionRequest, 1);

  g_strlcpy (request->ble_token, token, sizeof request->ble_token);
  request->interests = g_strsplit (interests, ",", -1);
  return request;
}

static void
on_opened (const SighejWireSessionAnswer *answer, const GError *error, gpointer user_data)
{
  Opened *opened = user_data;

  g_assert_true ((answer == NULL) != (error == NULL));
  opened->code = error != NULL ? error->code : -1;
  if (error != NULL)
    {
      g_strlcpy (opened->problem, error->message, sizeof opened->problem);
      return;
    }

  g_strlcpy (opened->id, answer->session_id, sizeof opened->id);
  if (answer->session_secret != NULL)
    g_strlcpy (opened->secret, answer->session_secret, sizeof opened->secret);
  opened->expires_at_us = answer->expires_at_us;
}

Opened
service_open_request (Service *self, const SighejWireSessionRequest *request, const char *address)
{
  Opened opened = { .code = -2 };

  g_strlcpy (opened.token, request->ble_token, sizeof opened.token);
  sighej_service_open_session (self->service, request, address, on_opened, &opened);
  WAIT_UNTIL (opened.code != -2);
  return opened;
}

Opened
service_open (Service *self, const char *token, const char *interests)
{
  g_autoptr (SighejWireSessionRequest) request = service_request (token, interests);

  return service_open_request (self, request, NULL);
}

typedef struct
{
  SighejService *service;
  int code;
  char *json;
} Found;

static void
on_found (const SighejStoreInfo *info, const GError *error, gpointer user_data)
{
  Found *found = user_data;

  found->code = error != NULL ? error->code : -1;
  if (info != NULL)
    found->json = sighej_service_describe (found->service, info);
}

int
service_authenticate (Service *self, const char *secret, char **json)
{
  Found found = { self->service, -2, NULL };

  sighej_service_authenticate (self->service, secret, on_found, &found);
  WAIT_UNTIL (found.code != -2);
  if (json != NULL)
    *json = g_steal_pointer (&found.json);
  g_free (found.json);
  return found.code;
}

int
service_find (Service *self, const char *token)
{
  Found found = { self->service, -2, NULL };

  sighej_service_find (self->service, token, on_found, &found);
  WAIT_UNTIL (found.code != -2);
  g_free (found.json);
  return found.code;
}

static void
on_done (const GError *error, gpointer user_data)
{
  *(int *) user_data = error != NULL ? error->code : -1;
}

int
service_end (Service *self, const char *session_id)
{
  int code = -2;

  sighej_service_end_session (self->service, session_id, on_done, &code);
  WAIT_UNTIL (code != -2);
  return code;
}

static void
on_sighted (const SighejServiceSight *sight, const GError *error, gpointer user_data)
{
  char **answer = user_data;

  if (error != NULL)
    *answer = g_strdup_printf ("!%d", error->code);
  else
    *answer
        = sighej_wire_match_answer_write (sight->match, sight->shared_interests, sight->nudge_sent);
}

char *
service_sight (Service *self, const Opened *who, const char *detected_token)
{
  char *answer = NULL;

  sighej_service_sight (self->service, who->id, NULL, detected_token, on_sighted, &answer);
  WAIT_UNTIL (answer != NULL);
  return answer;
}

static void
on_outbox (const SighejWireServerMessage *messages,
           guint n_messages,
           const GError *error,
           gpointer user_data)
{
  GString *text = g_string_new (error != NULL ? "!" : "");

  for (guint i = 0; i < n_messages; i++)
    {
      g_autofree char *json = sighej_wire_server_message_write (&messages[i]);

      g_string_append_printf (text, "%s\n", json);
    }
  *(char **) user_data = g_string_free (text, FALSE);
}

char *
service_read_outbox (Service *self, const Opened *who, guint64 after)
{
  char *text = NULL;

  sighej_service_read_outbox (self->service, who->id, after, on_outbox, &text);
  WAIT_UNTIL (text != NULL);
  return text;
}

static void
on_stats (const char *json, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  *(char **) user_data = g_strdup (json);
}

char *
service_stats (Service *self)
{
  char *json = NULL;

  sighej_service_stats (self->service, on_stats, &json);
  WAIT_UNTIL (json != NULL);
  return json;
}
