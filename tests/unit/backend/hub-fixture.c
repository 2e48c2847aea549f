/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "hub-fixture.h"

#include <string.h>
#include <sys/socket.h>

#include "sighej-store-memory.h"
#include "sighej-test.h"

/* A ledger for which everything is fine. */
#define QUIET_TYPE_LEDGER (quiet_ledger_get_type ())
G_DECLARE_FINAL_TYPE (QuietLedger, quiet_ledger, QUIET, LEDGER, GObject)

struct _QuietLedger
{
  GObject parent_instance;
};

static void quiet_ledger_iface_init (SighejLedgerInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (QuietLedger,
                               quiet_ledger,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_LEDGER, quiet_ledger_iface_init))

static void
quiet_ledger_init (QuietLedger *self)
{
}

static void
quiet_ledger_class_init (QuietLedgerClass *klass)
{
}

static void
quiet_ledger_apply_async (SighejLedger *ledger,
                          const SighejBatch *batch,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (ledger, cancellable, callback, user_data);

  g_task_return_boolean (task, TRUE);
}

static gboolean
quiet_ledger_apply_finish (SighejLedger *ledger, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
quiet_ledger_iface_init (SighejLedgerInterface *iface)
{
  iface->apply_async = quiet_ledger_apply_async;
  iface->apply_finish = quiet_ledger_apply_finish;
}

/* ---- life ---- */

static SighejVault *
new_vault (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *key = g_build_filename (folder, "backend.key", NULL);
  g_autoptr (GError) error = NULL;
  SighejVault *vault = sighej_vault_new_from_file (key, TRUE, &error);

  g_assert_no_error (error);
  return vault;
}

static SighejService *
new_service (HubFixture *self, SighejVault *vault, int options)
{
  const SighejServiceLimits limits = {
    .session_ttl_s = 7200,
    .allowance = {
      .sightings_per_minute = 100000,
      .sightings_burst = 100000,
      .distinct_tokens_per_hour = 100000,
      .messages_per_second = (options & HUB_FIXTURE_LIMITED) != 0 ? 10 : 0,
    },
    .statistics_minimum = 5,
  };
  g_autoptr (SighejLedger) ledger = g_object_new (QUIET_TYPE_LEDGER, NULL);

  return sighej_service_new (SIGHEJ_STORE (self->store),
                             ledger,
                             vault,
                             sighej_vocabulary_get_default (),
                             SIGHEJ_CLOCK (self->clock),
                             (SighejAuthMode) (options & ~HUB_FIXTURE_LIMITED),
                             SIGHEJ_MATCH_MUTUAL,
                             &limits);
}

void
hub_fixture_set_up (HubFixture *self, gconstpointer data)
{
  g_autoptr (SighejStore) memory = NULL;
  g_autoptr (SighejVault) vault = new_vault ();
  g_autoptr (SighejMeetings) meetings = NULL;

  self->clock = sighej_test_clock_new ();
  memory = sighej_store_memory_new (SIGHEJ_CLOCK (self->clock));
  self->store = slow_store_new (memory);
  self->service = new_service (self, vault, GPOINTER_TO_INT (data));
  meetings = sighej_meetings_new (SIGHEJ_STORE (self->store), vault, SIGHEJ_CLOCK (self->clock));
  self->hub = sighej_hub_new (self->service, meetings, SIGHEJ_CLOCK (self->clock));
}

void
hub_fixture_tear_down (HubFixture *self, gconstpointer data)
{
  sighej_test_settle ();
  if (self->hub != NULL)
    sighej_test_assert_finalized (self->hub);
  /* Its counters may still be on their way to the ledger. */
  sighej_test_settle ();
  sighej_test_assert_finalized (self->service);
  sighej_test_assert_finalized (self->store);
  sighej_test_assert_finalized (self->clock);
}

/* ---- sessions ---- */

static void
on_opened (const SighejWireSessionAnswer *answer, const GError *error, gpointer user_data)
{
  Person *person = user_data;

  g_assert_no_error (error);
  g_strlcpy (person->id, answer->session_id, sizeof person->id);
  if (answer->session_secret != NULL)
    g_strlcpy (person->secret, answer->session_secret, sizeof person->secret);
}

void
hub_fixture_open (HubFixture *self, Person *person)
{
  static const char *const interests[] = { "devops", NULL };
  SighejWireSessionRequest request = { .interests = (GStrv) interests };

  g_snprintf (person->token, sizeof person->token, "person-%u", ++self->n_opened);
  g_strlcpy (request.ble_token, person->token, sizeof request.ble_token);
  sighej_service_open_session (self->service, &request, NULL, on_opened, person);
  g_assert_cmpstr (person->id, !=, "");
}

static void
make_pair (int fds[2])
{
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
}

WsClient *
hub_fixture_connect (HubFixture *self, const char *token, const char *secret, SighejHubFlags flags)
{
  int fds[2];

  make_pair (fds);
  sighej_hub_adopt (self->hub, fds[0], NULL, token, secret, flags);
  return ws_client_new (fds[1]);
}

WsClient *
hub_fixture_connect_narrow (HubFixture *self, const Person *person, SighejHubFlags flags)
{
  int fds[2], least = 1;

  make_pair (fds);
  g_assert_cmpint (setsockopt (fds[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof least), ==, 0);
  sighej_hub_adopt (self->hub, fds[0], NULL, person->token, person->secret, flags);
  return ws_client_new (fds[1]);
}

WsClient *
hub_fixture_connect_person (HubFixture *self, const Person *person)
{
  WsClient *client = hub_fixture_connect (self, person->token, person->secret, SIGHEJ_HUB_RELIABLE);

  ws_client_skip (client, SIGHEJ_WIRE_SNAPSHOT);
  return client;
}

static void
on_sighted (const SighejServiceSight *sight, const GError *error, gpointer user_data)
{
  gboolean *match = user_data;

  g_assert_no_error (error);
  *match = sight->match;
}

void
hub_fixture_nudge (HubFixture *self, const Person *person)
{
  Person other = { 0 };
  gboolean match = FALSE;

  hub_fixture_open (self, &other);
  sighej_service_sight (self->service, other.id, NULL, person->token, on_sighted, &match);
  /* the first contract is one-sided */
  g_assert_cmpint (match, ==, sighej_service_get_auth_mode (self->service) == SIGHEJ_AUTH_LEGACY);
  if (match)
    return;
  sighej_service_sight (self->service, person->id, NULL, other.token, on_sighted, &match);
  g_assert_true (match);
}

static void
on_outbox (const SighejWireServerMessage *messages,
           guint n_messages,
           const GError *error,
           gpointer user_data)
{
  g_assert_no_error (error);
  *(guint *) user_data = n_messages;
}

guint
hub_fixture_count_outbox (HubFixture *self, const Person *person)
{
  guint n = G_MAXUINT;

  sighej_service_read_outbox (self->service, person->id, 0, on_outbox, &n);
  g_assert_cmpuint (n, !=, G_MAXUINT);
  return n;
}

void
hub_fixture_advance (HubFixture *self, gint64 us)
{
  sighej_test_clock_advance (self->clock, us);
  sighej_test_settle ();
}
