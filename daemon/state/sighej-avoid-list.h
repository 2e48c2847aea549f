/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-enums.h"
#include "sighej-wire.h"

G_BEGIN_DECLS

#define SIGHEJ_AVOID_DAYS 30        /* from the nudge */
#define SIGHEJ_AVOID_PEOPLE_MAX 44  /* known; then the oldest that is not avoided makes room */
#define SIGHEJ_AVOID_AVOIDED_MAX 20 /* of them; then the oldest met is let go, else blocked */
/* Each is registered as one who may avoid us, each avoided one as that too. */
G_STATIC_ASSERT (SIGHEJ_AVOID_PEOPLE_MAX + SIGHEJ_AVOID_AVOIDED_MAX == SIGHEJ_AVOID_TAGS);
#define SIGHEJ_AVOID_SECRET_BYTES 32

/**
 * SighejAvoidWhy:
 * @SIGHEJ_AVOID_NOT: nudged with, and may be again
 * @SIGHEJ_AVOID_BLOCKED: never again
 * @SIGHEJ_AVOID_MET: already met, so need not be nudged again
 */
typedef enum
{
  SIGHEJ_AVOID_NOT,
  SIGHEJ_AVOID_BLOCKED,
  SIGHEJ_AVOID_MET,
} SighejAvoidWhy;

/**
 * SighejAvoidPerson:
 * @secret: known to the two machines only
 * @own_key: our public key at that nudge
 * @peer_key: theirs
 * @nudged_s: seconds since 1970
 * @nudge_id: while this program runs; never written, empty when it was read
 */
typedef struct
{
  guint8 secret[SIGHEJ_AVOID_SECRET_BYTES];
  guint8 own_key[SIGHEJ_PUBLIC_KEY_BYTES];
  guint8 peer_key[SIGHEJ_PUBLIC_KEY_BYTES];
  gint64 nudged_s;
  SighejAvoidWhy why;
  char nudge_id[33];
} SighejAvoidPerson;

/**
 * SighejAvoidList:
 *
 * Those one was nudged with in the last %SIGHEJ_AVOID_DAYS days, without a name, and which of them
 * one avoids (DESIGN 3, "Avoid tags"). Pure: no clock, no file. Wiped when freed; so is a person
 * who leaves it.
 */
typedef struct _SighejAvoidList SighejAvoidList;

SighejAvoidList *sighej_avoid_list_new (void);
void sighej_avoid_list_free (SighejAvoidList *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejAvoidList, sighej_avoid_list_free)

/* Copies @person; of a nudge that is known already only its keys. Returns: whether anything changed
 */
gboolean sighej_avoid_list_add (SighejAvoidList *self, const SighejAvoidPerson *person);

/* Returns: FALSE when nothing changed: no such nudge is known, it was so already, or somebody met
 * comes when as many are blocked as can be. */
gboolean
sighej_avoid_list_set_why (SighejAvoidList *self, const char *nudge_id, SighejAvoidWhy why);

gboolean sighej_avoid_list_knows (SighejAvoidList *self, const char *nudge_id);

/* NOT, too, when no such nudge is known. */
SighejAvoidWhy sighej_avoid_list_get_why (SighejAvoidList *self, const char *nudge_id);

/* Lets go whose time is over. Returns: whether anybody was */
gboolean sighej_avoid_list_expire (SighejAvoidList *self, gint64 now_s);

guint sighej_avoid_list_count (SighejAvoidList *self);
guint sighej_avoid_list_count_why (SighejAvoidList *self, SighejAvoidWhy why);
/* For whatever reason. */
guint sighej_avoid_list_count_avoided (SighejAvoidList *self);

/**
 * sighej_avoid_list_make_tags:
 * @day: UTC day, days since 1970
 * @out: what a session registers: the list's tags of that day, the rest random, in random order
 */
void sighej_avoid_list_make_tags (SighejAvoidList *self,
                                  guint32 day,
                                  guint8 out[SIGHEJ_AVOID_TAGS][SIGHEJ_AVOID_TAG_BYTES]);

/* Plain bytes, (transfer full), to be sealed; wiped when freed. */
GBytes *sighej_avoid_list_write (SighejAvoidList *self);

/* (nullable): NULL: these are not the bytes of a list. */
SighejAvoidList *sighej_avoid_list_read (GBytes *plain);

G_END_DECLS
