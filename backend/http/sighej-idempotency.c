/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-idempotency"

#include "config.h"

#include "sighej-idempotency.h"

#include <string.h>

#include <libsoup/soup.h>

#define HEADER "Idempotency-Key"

struct _SighejIdempotency
{
  SighejStore *store;
  SighejVault *vault;
  SighejClock *clock;
  GQueue waiting; /* of Attempt, by their node */
};

/* One request with a key. */
typedef struct
{
  SighejIdempotency *self;
  SighejExchange *exchange;
  SighejRouteHandler handle;
  SighejParts *parts;
  SighejStoreClaim claim;
  gint64 give_up_us; /* 0: has not waited yet */
  guint timer;
  GList node; /* in waiting, while timer is set */
} Attempt;

static void ask (Attempt *attempt);

/* ---- life ---- */

SighejIdempotency *
sighej_idempotency_new (SighejStore *store, SighejVault *vault, SighejClock *clock)
{
  SighejIdempotency *self = g_rc_box_new0 (SighejIdempotency);

  self->store = g_object_ref (store);
  self->vault = g_object_ref (vault);
  self->clock = g_object_ref (clock);
  g_queue_init (&self->waiting);
  return self;
}

static void
idempotency_clear (gpointer data)
{
  SighejIdempotency *self = data;

  g_object_unref (self->store);
  g_object_unref (self->vault);
  g_object_unref (self->clock);
}

static void
stop_waiting (Attempt *attempt)
{
  if (attempt->timer == 0)
    return;
  sighej_clock_clear (attempt->self->clock, &attempt->timer);
  g_queue_unlink (&attempt->self->waiting, &attempt->node);
}

static void
attempt_free (Attempt *attempt)
{
  SighejIdempotency *self = attempt->self;

  stop_waiting (attempt);
  sighej_exchange_unref (attempt->exchange);
  sighej_wipe (attempt, sizeof *attempt);
  g_free (attempt);
  g_rc_box_release_full (self, idempotency_clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Attempt, attempt_free)

/* Who still waits has nobody to wait for: the program ends. */
void
sighej_idempotency_unref (SighejIdempotency *self)
{
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func ((GDestroyNotify) attempt_free);

  for (GList *node = self->waiting.head; node != NULL; node = node->next)
    g_ptr_array_add (left, node->data);
  g_rc_box_release_full (self, idempotency_clear);
}

/* ---- waiting for the first of two ---- */

static gboolean
is_same (const SighejStoreClaim *a, const SighejStoreClaim *b)
{
  return memcmp (a->caller, b->caller, sizeof a->caller) == 0
         && memcmp (a->key, b->key, sizeof a->key) == 0;
}

static void
wake_others (SighejIdempotency *self, const SighejStoreClaim *claim)
{
  g_autoptr (GPtrArray) awake = g_ptr_array_new ();

  for (GList *node = self->waiting.head; node != NULL; node = node->next)
    if (is_same (&((Attempt *) node->data)->claim, claim))
      g_ptr_array_add (awake, node->data);
  for (guint i = 0; i < awake->len; i++)
    stop_waiting (awake->pdata[i]);
  for (guint i = 0; i < awake->len; i++)
    ask (awake->pdata[i]);
}

static gboolean
on_waited (gpointer user_data)
{
  Attempt *attempt = user_data;

  attempt->timer = 0;
  g_queue_unlink (&attempt->self->waiting, &attempt->node);
  ask (attempt);
  return G_SOURCE_REMOVE;
}

static void
wait_for_first (Attempt *attempt)
{
  SighejIdempotency *self = attempt->self;
  gint64 now_us = sighej_clock_now_us (self->clock);

  if (attempt->give_up_us == 0)
    attempt->give_up_us = now_us + SIGHEJ_IDEMPOTENCY_WAIT_MS * G_TIME_SPAN_MILLISECOND;
  if (now_us >= attempt->give_up_us || self->waiting.length >= SIGHEJ_IDEMPOTENCY_WAITING_MAX)
    {
      sighej_exchange_refuse (attempt->exchange,
                              SIGHEJ_ERROR_UNAVAILABLE,
                              "the first request with this Idempotency-Key is still running");
      attempt_free (attempt);
      return;
    }
  attempt->node.data = attempt;
  g_queue_push_tail_link (&self->waiting, &attempt->node);
  attempt->timer = sighej_clock_add (
      self->clock, SIGHEJ_IDEMPOTENCY_POLL_MS * G_TIME_SPAN_MILLISECOND, on_waited, attempt);
}

/* ---- doing it ---- */

static void
on_settled (const GError *error, gpointer user_data)
{
  g_autoptr (Attempt) attempt = user_data;

  /* It was done all the same; only a repetition would not be known as one. */
  if (error != NULL)
    g_info ("an answer is not kept: %s", error->message);
  sighej_exchange_release (attempt->exchange);
  wake_others (attempt->self, &attempt->claim);
}

static guint
choose_lifetime (Attempt *attempt)
{
  gint64 until_us = sighej_exchange_get_made_until (attempt->exchange);
  gint64 left_us = until_us - sighej_clock_wall_us (attempt->self->clock);

  if (until_us == 0)
    return SIGHEJ_STORE_CLAIM_LIFETIME_SECONDS_MAX;
  return (guint) CLAMP (left_us / G_USEC_PER_SEC, 0, SIGHEJ_STORE_CLAIM_LIFETIME_SECONDS_MAX);
}

/* The answer is made and waits; only a success is kept. */
static void
keep (SighejExchange *exchange, guint status, GBytes *body, gpointer user_data)
{
  Attempt *attempt = user_data;
  SighejIdempotency *self = attempt->self;
  g_autoptr (GBytes) sealed = NULL;

  if (SOUP_STATUS_IS_SUCCESSFUL (status) && body != NULL)
    sealed = sighej_vault_seal_answer (self->vault, attempt->claim.key, body);
  sighej_store_settle (self->store,
                       &attempt->claim,
                       sealed,
                       sighej_exchange_get_made_session (exchange),
                       choose_lifetime (attempt),
                       on_settled,
                       attempt);
}

static void
answer_again (Attempt *attempt, GBytes *sealed)
{
  g_autoptr (GBytes) body
      = sighej_vault_unseal_answer (attempt->self->vault, attempt->claim.key, sealed);

  if (body == NULL)
    sighej_exchange_refuse (attempt->exchange,
                            SIGHEJ_ERROR_UNAVAILABLE,
                            "the first answer was sealed with another key file");
  else
    sighej_exchange_answer_bytes (attempt->exchange, SOUP_STATUS_OK, "application/json", body);
}

static void
on_claimed (SighejClaimState state, GBytes *sealed, const GError *error, gpointer user_data)
{
  g_autoptr (Attempt) attempt = user_data;
  g_autoptr (SighejExchange) exchange = sighej_exchange_ref (attempt->exchange);

  if (error != NULL)
    {
      sighej_exchange_answer_error (exchange, error);
      return;
    }

  switch (state)
    {
    case SIGHEJ_CLAIM_NEW:
      sighej_exchange_set_keep (exchange, keep, attempt);
      attempt->handle (exchange, attempt->parts);
      g_steal_pointer (&attempt); /* keep() has it, now or later */
      break;
    case SIGHEJ_CLAIM_RUNNING:
      wait_for_first (g_steal_pointer (&attempt));
      break;
    case SIGHEJ_CLAIM_DONE:
      answer_again (attempt, sealed);
      break;
    case SIGHEJ_CLAIM_OTHER_BODY:
    default:
      sighej_exchange_refuse (
          exchange, SIGHEJ_ERROR_KEY_REUSED, "this Idempotency-Key came with another body before");
      break;
    }
}

static void
ask (Attempt *attempt)
{
  sighej_store_claim (attempt->self->store, &attempt->claim, on_claimed, attempt);
}

/* ---- which request it is ---- */

/* A UUID, bare or as a string of RFC 8941; in lower case. (transfer full) (nullable) */
static char *
dup_key (const char *header)
{
  gsize n = strlen (header);
  g_autofree char *key = NULL;

  if (n == SIGHEJ_UUID_CHARS + 2 && header[0] == '"' && header[n - 1] == '"')
    key = g_ascii_strdown (header + 1, SIGHEJ_UUID_CHARS);
  else
    key = g_ascii_strdown (header, (gssize) n);
  return g_uuid_string_is_valid (key) ? g_steal_pointer (&key) : NULL;
}

char *
sighej_idempotency_dup_key (SighejExchange *exchange)
{
  const char *header = sighej_exchange_get_header (exchange, HEADER);

  return header != NULL ? dup_key (header) : NULL;
}

static void
fill_claim (Attempt *attempt, const char *route, const char *key, const char *secret)
{
  SighejStoreClaim *claim = &attempt->claim;
  g_autoptr (GBytes) body = sighej_exchange_dup_body (attempt->exchange);
  gsize n_body;
  const guint8 *data = g_bytes_get_data (body, &n_body);

  if (secret != NULL)
    sighej_sha256 ((const guint8 *) secret, strlen (secret), claim->caller);
  sighej_vault_tag_request (attempt->self->vault, route, key, claim->key);
  sighej_sha256 (data, n_body, claim->body);
}

static Attempt *
attempt_new (SighejIdempotency *self,
             SighejExchange *exchange,
             SighejRouteHandler handle,
             SighejParts *parts)
{
  Attempt *attempt = g_new0 (Attempt, 1);

  attempt->self = g_rc_box_acquire (self);
  attempt->exchange = sighej_exchange_ref (exchange);
  attempt->handle = handle;
  attempt->parts = parts;
  return attempt;
}

void
sighej_idempotency_run (SighejIdempotency *self,
                        SighejExchange *exchange,
                        const char *route,
                        gboolean by_secret,
                        SighejRouteHandler handle,
                        SighejParts *parts)
{
  const char *header = sighej_exchange_get_header (exchange, HEADER);
  g_autofree char *key = sighej_idempotency_dup_key (exchange);
  char *secret = by_secret ? sighej_exchange_dup_bearer (exchange) : NULL;
  Attempt *attempt;

  if (header != NULL && key == NULL)
    sighej_exchange_refuse (
        exchange, SIGHEJ_ERROR_INVALID_REQUEST, "Idempotency-Key must be one UUID");
  else if (header == NULL || (by_secret && secret == NULL))
    handle (exchange, parts);
  else
    {
      attempt = attempt_new (self, exchange, handle, parts);
      fill_claim (attempt, route, key, secret);
      ask (attempt);
    }
  sighej_wipe_free_string (secret);
}
