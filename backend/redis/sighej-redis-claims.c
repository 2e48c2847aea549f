/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis-claims"

#include "config.h"

#include "sighej-redis-claims.h"

#include <string.h>

#include "sighej-redis-args.h"
#include "sighej-redis-scripts.h"
#include "sighej-redis-told.h"

typedef struct
{
  union
  {
    SighejStoreClaimed claimed;
    SighejStoreDone done;
  } callback;
  gpointer user_data;
} Call;

static void
run (SighejRedis *commands,
     SighejRedisScriptName name,
     const SighejRedisArgs *args,
     SighejRedisDone done,
     Call *call)
{
  sighej_redis_script (
      commands, sighej_redis_scripts_get (name), 0, args->n, args->args, args->n_bytes, done, call);
}

/* What names a claim, as text: lent to the arguments. */
typedef struct
{
  char caller[2 * SIGHEJ_SHA256_BYTES + 1];
  char key[2 * SIGHEJ_SHA256_BYTES + 1];
  char body[2 * SIGHEJ_SHA256_BYTES + 1];
} ClaimTexts;

void
sighej_redis_claims_write_caller (const guint8 secret_hash[SIGHEJ_SHA256_BYTES],
                                  char out[2 * SIGHEJ_SHA256_BYTES + 1])
{
  static const guint8 none[SIGHEJ_SHA256_BYTES];

  out[0] = '\0';
  if (memcmp (secret_hash, none, sizeof none) != 0)
    sighej_hex_encode (secret_hash, SIGHEJ_SHA256_BYTES, out);
}

static void
add_claim (SighejRedisArgs *args, ClaimTexts *texts, const SighejStoreClaim *claim)
{
  args->n = args->n_numbers = 0;
  sighej_redis_claims_write_caller (claim->caller, texts->caller);
  sighej_hex_encode (claim->key, sizeof claim->key, texts->key);
  sighej_hex_encode (claim->body, sizeof claim->body, texts->body);
  sighej_redis_args_text (args, texts->caller);
  sighej_redis_args_text (args, texts->key);
  sighej_redis_args_text (args, texts->body);
}

static void
on_claimed (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GError) problem = error != NULL ? sighej_redis_told_new_problem (error) : NULL;
  g_autoptr (GBytes) answer = NULL;
  SighejClaimState state = SIGHEJ_CLAIM_NEW;
  gsize n_bytes;

  if (sighej_redis_reply_get_kind (reply) == SIGHEJ_REDIS_BYTES)
    {
      const char *bytes = sighej_redis_reply_get_bytes (reply, &n_bytes);

      answer = g_bytes_new (bytes, n_bytes);
      state = SIGHEJ_CLAIM_DONE;
    }
  else if (sighej_redis_reply_get_integer (reply) != 0)
    state = sighej_redis_reply_get_integer (reply) == 1 ? SIGHEJ_CLAIM_RUNNING
                                                        : SIGHEJ_CLAIM_OTHER_BODY;
  call->callback.claimed (state, answer, problem, call->user_data);
}

void
sighej_redis_claims_take (SighejRedis *commands,
                          const SighejStoreClaim *claim,
                          SighejStoreClaimed claimed,
                          gpointer user_data)
{
  Call *call = g_new (Call, 1);
  ClaimTexts texts;
  SighejRedisArgs args;

  *call = (Call){ { .claimed = claimed }, user_data };
  add_claim (&args, &texts, claim);
  run (commands, SIGHEJ_REDIS_CLAIM, &args, on_claimed, call);
}

static void
on_settled (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GError) problem = error != NULL ? sighej_redis_told_new_problem (error) : NULL;

  call->callback.done (problem, call->user_data);
}

void
sighej_redis_claims_settle (SighejRedis *commands,
                            const SighejStoreClaim *claim,
                            GBytes *sealed_answer,
                            const char *session_id,
                            guint lifetime_s,
                            SighejStoreDone done,
                            gpointer user_data)
{
  Call *call = g_new (Call, 1);
  ClaimTexts texts;
  SighejRedisArgs args;
  gsize n_bytes;

  *call = (Call){ { .done = done }, user_data };
  add_claim (&args, &texts, claim);
  sighej_redis_args_text (&args, session_id != NULL ? session_id : "");
  sighej_redis_args_number (&args, lifetime_s);
  if (sealed_answer != NULL)
    {
      const char *bytes = g_bytes_get_data (sealed_answer, &n_bytes);

      sighej_redis_args_bytes (&args, bytes, n_bytes);
    }
  run (commands, SIGHEJ_REDIS_SETTLE, &args, on_settled, call);
}
