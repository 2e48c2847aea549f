/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"
#include "sighej-test.h"

/*
 * People for the store's script: number n has id, secret and opening made of n and one static
 * token, "token-n". Each call waits for its answer and sees that there is one only.
 */

#define PEOPLE_DAY 20454

typedef struct
{
  SighejTestClock *clock;
  SighejStore *store;
  void (*turn) (gint64 us); /* (nullable): turns the store's own clock */
  guint n_acts;             /* how long the longest test may take */
} Fixture;

/* Turns every clock there is. */
void people_turn_us (Fixture *fixture, gint64 us);

typedef struct
{
  guint number;
  guint opening; /* 0: as the number */
  guint32 day;   /* 0: PEOPLE_DAY */
  guint lifetime_s;
  gboolean tombstone;
  guint key;      /* its public key is made of it; 0: it has none */
  guint avoid[3]; /* up to the first 0; the other tags are its own. All 0: it has none */
  const SighejStoreToken *tokens; /* NULL: the static token */
  guint n_tokens;
  guint interests[SIGHEJ_WIRE_INTERESTS_MAX + 1]; /* up to the first 0 */
} Person;

typedef struct
{
  guint n_calls;
  int code; /* -1: it worked */
} Answer;

typedef struct
{
  Answer answer;
  char id[SIGHEJ_UUID_CHARS + 1];
  char first_token[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
  guint8 public_key[SIGHEJ_PUBLIC_KEY_BYTES];
  SighejStoreInfo info; /* its pointers are not to be used */
} Found;

typedef struct
{
  Answer answer;
  SighejStoreSight sight; /* without what is lent */
  char peer_id[SIGHEJ_UUID_CHARS + 1];
  char own_id[SIGHEJ_UUID_CHARS + 1];
  guint retry_after_s; /* with RATE_LIMITED */
} Sighted;

typedef struct
{
  Answer answer;
  guint n_nudges;
  guint64 newest_seq;
  guint8 opening[SIGHEJ_STORE_OPENING_BYTES];
  SighejStoreNudge nudges[SIGHEJ_STORE_OUTBOX_MAX];
} Outbox;

typedef struct
{
  Answer answer;
  SighejClaimState state;
  char text[16]; /* the answer that was settled */
} Claimed;

typedef struct
{
  Answer answer;
  char text[64]; /* the value, if it is a short text; "" when there is none */
  gsize n_bytes;
  guint64 version;
  gint64 now_ms;
} Record;

typedef struct
{
  Answer answer;
  gboolean swapped;
  guint64 version;
} Swapped;

/* Codes are those of SIGHEJ_ERROR, -1 when it worked. */
const char *people_id (guint number);
const char *people_token (guint number);
int people_add (Fixture *fixture, const Person *person);
int people_end (Fixture *fixture, guint number);
int people_attach (Fixture *fixture, guint number, int change);
int people_ack (Fixture *fixture, guint number, guint64 seq);
Found people_find_by_secret (Fixture *fixture, guint number);
Found people_find_by_token (Fixture *fixture, const char *token);
Sighted people_report (Fixture *fixture, const SighejStoreReport *report);
Sighted people_sight_as (Fixture *fixture,
                         guint number,
                         const char *own_token,
                         const char *token,
                         SighejMatchPolicy policy);
Sighted
people_sight_token (Fixture *fixture, guint number, const char *token, SighejMatchPolicy policy);
Sighted people_sight (Fixture *fixture, guint number, guint other);
/* The answer that says nothing, to its last byte; and the one that comes with both nudges. */
void people_assert_no_match (Sighted sighted);
void people_assert_fresh (Sighted sighted, guint peer, guint32 own_mask);
Outbox people_read_outbox (Fixture *fixture, guint number, guint64 after);
guint64 people_count (Fixture *fixture);
void people_opening (guint opening, guint8 out[SIGHEJ_STORE_OPENING_BYTES]);

/* (element-type SighejBatch) */
GPtrArray *people_take_counts (Fixture *fixture);
void people_drop_counts (Fixture *fixture, const char *batch_id);

/* Claims of person @number (0: of nobody). */
Claimed people_claim (Fixture *fixture, guint number, guint key, guint body);
/* @text: (nullable): the answer; @made: (0: none) whose session it made */
void people_settle (Fixture *fixture,
                    guint number,
                    guint key,
                    guint body,
                    const char *text,
                    guint made,
                    guint lifetime_s);

Record people_read_record (Fixture *fixture, const char *key);
Swapped people_swap (Fixture *fixture, const char *key, const SighejStoreSwap *swap);
/* @text: (nullable); @wake: (nullable) */
Swapped people_swap_record (Fixture *fixture,
                            const char *key,
                            guint64 version,
                            const char *text,
                            guint lifetime_ms,
                            const char *const *wake);
gboolean people_is_attached (Fixture *fixture, guint number);

/* What a public key of @number is; 0: zeros */
void people_public_key (guint number, guint8 out[SIGHEJ_PUBLIC_KEY_BYTES]);

#define ADD(fixture, ...)                                                                          \
  g_assert_cmpint (people_add ((fixture), &(const Person){ __VA_ARGS__ }), ==, -1)
