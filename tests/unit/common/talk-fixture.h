/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sodium.h>

#include "sighej-talk-frame.h"
#include "sighej-token-schedule.h"

#define NUDGE_ID "00112233445566778899aabbccddeeff"
#define SECONDS(n) ((gint64) ((n) *1e6))

/* One of two: her keys, what she has on the air, what her radio heard, her side of the talk. */
typedef struct
{
  SighejKeypair *keys;
  SighejTokenSchedule *schedule;
  SighejToken heard;
  SighejTalk *talk;
} Person;

typedef struct
{
  Person one;
  Person two;
  gint64 now_us;
} Pair;

/* Two who were nudged, their radios have heard each other; no letter has come yet. */
Pair *pair_new (void);
/* The same, and the proofs were taken. */
Pair *pair_new_verified (void);
void pair_free (Pair *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

/* (transfer full): her side of a talk with the holder of @peer. */
SighejTalk *person_talk_to (Person *self, const guint8 *peer);

/* The next letter goes over; FALSE: there is none. @news is (nullable). */
gboolean pair_carry (Pair *self, Person *from, Person *to, SighejTalkNews *news);
/* All letters go over in both directions until there are none. */
void pair_settle (Pair *self);

/* Says, carries, and asserts that it came as it was. Returns: its number */
guint64 pair_say (Pair *self, Person *from, Person *to, const char *text);

gboolean take (SighejTalk *talk, const SighejTalkLetter *letter, gint64 now_us);
void assert_broken (SighejTalk *talk, SighejTalkFault fault);

/* A program that has the keys and keeps no rules. */
typedef struct
{
  crypto_secretstream_xchacha20poly1305_state push;
  guint8 header[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
  gboolean is_client;
  guint64 n;
} Forger;

void forger_init (Forger *self, SighejKeypair *own, const guint8 *peer, const guint8 *header);
/* (transfer full): its next letter's body, with that inside. */
GBytes *forger_seal (Forger *self, const guint8 *plain, gsize n_plain, guint8 tag);
