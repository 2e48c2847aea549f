/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-meet"

#include "config.h"

#include "sighej-budget.h"

#include "sighej-amend.h"
#include "sighej-error.h"
#include "sighej-pack.h"

typedef struct
{
  int change;
  guint maximum;
  SighejStoreDone done; /* (nullable) */
  gpointer user_data;
} Call;

typedef struct
{
  gint64 since_ms;
  guint n;
} Spent;

static Spent
read_spent (GBytes *plain, gint64 now_ms)
{
  Spent spent = { now_ms, 0 };
  SighejUnpack in = { 0 };

  if (plain == NULL)
    return spent;
  in.data = g_bytes_get_data (plain, &in.n_bytes);
  spent.since_ms = (gint64) sighej_unpack_uint (&in, 8);
  spent.n = (guint) sighej_unpack_uint (&in, 4);
  /* A clock that was set back must not make the minute longer. */
  if (!sighej_unpack_is_done (&in) || spent.since_ms > now_ms)
    spent = (Spent){ now_ms, spent.n };
  return spent;
}

static SighejAmendVerdict
spend (SighejAmendment *amendment, gpointer user_data, GError **error)
{
  Call *call = user_data;
  Spent spent = read_spent (amendment->plain, amendment->now_ms);
  gint64 left_ms = MAX (SIGHEJ_BUDGET_MS - (amendment->now_ms - spent.since_ms), 1);
  g_autoptr (GByteArray) out = g_byte_array_new ();

  if (call->change < 0 && spent.n == 0)
    return SIGHEJ_AMEND_KEEP;
  if (call->change > 0 && spent.n >= call->maximum)
    {
      g_propagate_error (
          error,
          sighej_error_new_rate_limited ("too many tries", (guint) ((left_ms + 999) / 1000)));
      return SIGHEJ_AMEND_FAIL;
    }
  sighej_pack_uint (out, (guint64) spent.since_ms, 8);
  sighej_pack_uint (out, (guint) ((int) spent.n + call->change), 4);
  amendment->value = g_byte_array_free_to_bytes (g_steal_pointer (&out));
  amendment->lifetime_ms = (guint) left_ms;
  return SIGHEJ_AMEND_WRITE;
}

static void
on_spent (const GError *error, gpointer user_data)
{
  g_autofree Call *call = user_data;

  if (call->done != NULL)
    call->done (error, call->user_data);
  else if (error != NULL)
    g_info ("a try stays counted: %s", error->message);
}

void
sighej_budget_take (SighejStore *store,
                    SighejVault *vault,
                    const char *key,
                    guint maximum,
                    SighejStoreDone done,
                    gpointer user_data)
{
  Call *call = g_new (Call, 1);

  *call = (Call){ 1, maximum, done, user_data };
  sighej_amend (store, vault, key, spend, on_spent, call);
}

void
sighej_budget_give_back (SighejStore *store, SighejVault *vault, const char *key)
{
  Call *call = g_new (Call, 1);

  *call = (Call){ -1, 0, NULL, NULL };
  sighej_amend (store, vault, key, spend, on_spent, call);
}
