/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"

#include "config.h"

#include "sighej-avoid-list.h"

#include <string.h>

#include "sighej-crypto.h"

#define SECONDS_KEPT (SIGHEJ_AVOID_DAYS * G_GINT64_CONSTANT (86400))
#define VERSION 1
#define HEAD_BYTES 2 /* version, how many */
#define PERSON_BYTES (SIGHEJ_AVOID_SECRET_BYTES + 2 * SIGHEJ_PUBLIC_KEY_BYTES + 8 + 1)

struct _SighejAvoidList
{
  guint n;
  SighejAvoidPerson people[SIGHEJ_AVOID_PEOPLE_MAX]; /* in the order of their nudges */
};

SighejAvoidList *
sighej_avoid_list_new (void)
{
  return g_new0 (SighejAvoidList, 1);
}

void
sighej_avoid_list_free (SighejAvoidList *self)
{
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

/* ---- who is in it ---- */

static SighejAvoidPerson *
find (SighejAvoidList *self, const char *nudge_id)
{
  for (guint i = 0; i < self->n; i++)
    if (*nudge_id != '\0' && g_str_equal (self->people[i].nudge_id, nudge_id))
      return &self->people[i];
  return NULL;
}

static void
remove_at (SighejAvoidList *self, guint index)
{
  self->n--;
  memmove (
      &self->people[index], &self->people[index + 1], (self->n - index) * sizeof self->people[0]);
  sighej_wipe (&self->people[self->n], sizeof self->people[0]);
}

/* There is always one: no more than %SIGHEJ_AVOID_AVOIDED_MAX are avoided. */
static void
make_room (SighejAvoidList *self)
{
  guint index = 0;

  while (self->people[index].why != SIGHEJ_AVOID_NOT)
    index++;
  remove_at (self, index);
}

/* A session may have been renewed between the nudge and the meet: both sides go by the newer keys.
 */
static gboolean
take_keys (SighejAvoidPerson *known, const SighejAvoidPerson *person)
{
  if (sighej_equal_constant_time (known->secret, person->secret, sizeof known->secret))
    return FALSE;

  memcpy (known->secret, person->secret, sizeof known->secret);
  memcpy (known->own_key, person->own_key, sizeof known->own_key);
  memcpy (known->peer_key, person->peer_key, sizeof known->peer_key);
  return TRUE;
}

gboolean
sighej_avoid_list_add (SighejAvoidList *self, const SighejAvoidPerson *person)
{
  SighejAvoidPerson *known = find (self, person->nudge_id);

  if (known != NULL)
    return take_keys (known, person);

  if (self->n == SIGHEJ_AVOID_PEOPLE_MAX)
    make_room (self);
  self->people[self->n++] = *person;
  return TRUE;
}

/* The oldest of those met; nobody blocked for somebody met. */
static gboolean
let_one_go (SighejAvoidList *self, SighejAvoidWhy for_why)
{
  SighejAvoidWhy why = sighej_avoid_list_count_why (self, SIGHEJ_AVOID_MET) > 0
                           ? SIGHEJ_AVOID_MET
                           : SIGHEJ_AVOID_BLOCKED;
  guint index = 0;

  if (why == SIGHEJ_AVOID_BLOCKED && for_why == SIGHEJ_AVOID_MET)
    return FALSE;

  while (self->people[index].why != why)
    index++;
  self->people[index].why = SIGHEJ_AVOID_NOT;
  return TRUE;
}

gboolean
sighej_avoid_list_set_why (SighejAvoidList *self, const char *nudge_id, SighejAvoidWhy why)
{
  SighejAvoidPerson *person = find (self, nudge_id);

  if (person == NULL || person->why == why)
    return FALSE;

  if (person->why == SIGHEJ_AVOID_NOT
      && sighej_avoid_list_count_avoided (self) == SIGHEJ_AVOID_AVOIDED_MAX
      && !let_one_go (self, why))
    return FALSE;
  person->why = why;
  return TRUE;
}

gboolean
sighej_avoid_list_knows (SighejAvoidList *self, const char *nudge_id)
{
  return find (self, nudge_id) != NULL;
}

SighejAvoidWhy
sighej_avoid_list_get_why (SighejAvoidList *self, const char *nudge_id)
{
  SighejAvoidPerson *person = find (self, nudge_id);

  return person != NULL ? person->why : SIGHEJ_AVOID_NOT;
}

/* A clock that was set back makes nobody younger than new. */
gboolean
sighej_avoid_list_expire (SighejAvoidList *self, gint64 now_s)
{
  guint n_before = self->n;

  for (guint i = self->n; i-- > 0;)
    if (now_s - self->people[i].nudged_s >= SECONDS_KEPT)
      remove_at (self, i);
    else
      self->people[i].nudged_s = MIN (self->people[i].nudged_s, now_s);
  return self->n != n_before;
}

guint
sighej_avoid_list_count (SighejAvoidList *self)
{
  return self->n;
}

guint
sighej_avoid_list_count_why (SighejAvoidList *self, SighejAvoidWhy why)
{
  guint n = 0;

  for (guint i = 0; i < self->n; i++)
    n += self->people[i].why == why;
  return n;
}

guint
sighej_avoid_list_count_avoided (SighejAvoidList *self)
{
  return self->n - sighej_avoid_list_count_why (self, SIGHEJ_AVOID_NOT);
}

/* ---- tags ---- */

/* Whoever has @key at the nudge is the one avoided. */
static void
make_tag (const SighejAvoidPerson *person, guint32 day, const guint8 *key, guint8 *out)
{
  guint8 text[5 + sizeof (guint32) + SIGHEJ_PUBLIC_KEY_BYTES] = "avoid";
  guint8 mac[SIGHEJ_SHA256_BYTES];
  guint32 big_endian = GUINT32_TO_BE (day);

  memcpy (text + 5, &big_endian, sizeof big_endian);
  memcpy (text + 5 + sizeof big_endian, key, SIGHEJ_PUBLIC_KEY_BYTES);
  sighej_hmac_sha256 (person->secret, sizeof person->secret, text, sizeof text, mac);
  memcpy (out, mac, SIGHEJ_AVOID_TAG_BYTES);
  sighej_wipe (mac, sizeof mac);
}

static guint
random_below (guint n)
{
  guint32 number;

  /* 2^32 over at most 64: the bias is below 2^-26 */
  sighej_random_bytes ((guint8 *) &number, sizeof number);
  return number % n;
}

static void
shuffle (guint8 tags[SIGHEJ_AVOID_TAGS][SIGHEJ_AVOID_TAG_BYTES])
{
  guint8 held[SIGHEJ_AVOID_TAG_BYTES];

  for (guint i = SIGHEJ_AVOID_TAGS - 1; i > 0; i--)
    {
      guint j = random_below (i + 1);

      memcpy (held, tags[i], sizeof held);
      memcpy (tags[i], tags[j], sizeof held);
      memcpy (tags[j], held, sizeof held);
    }
}

void
sighej_avoid_list_make_tags (SighejAvoidList *self,
                             guint32 day,
                             guint8 out[SIGHEJ_AVOID_TAGS][SIGHEJ_AVOID_TAG_BYTES])
{
  guint n = 0;

  for (guint i = 0; i < self->n; i++)
    {
      const SighejAvoidPerson *person = &self->people[i];

      make_tag (person, day, person->own_key, out[n++]);
      if (person->why != SIGHEJ_AVOID_NOT)
        make_tag (person, day, person->peer_key, out[n++]);
    }
  if (n < SIGHEJ_AVOID_TAGS)
    sighej_random_bytes (out[n], (SIGHEJ_AVOID_TAGS - n) * SIGHEJ_AVOID_TAG_BYTES);
  shuffle (out);
}

/* ---- as bytes: version, how many; then each: secret, own key, peer's key, time, why ---- */

static void
wipe_free (gpointer data)
{
  sighej_wipe (data, HEAD_BYTES + SIGHEJ_AVOID_PEOPLE_MAX * PERSON_BYTES);
  g_free (data);
}

static guint8 *
put (guint8 *at, gconstpointer data, gsize n_bytes)
{
  memcpy (at, data, n_bytes);
  return at + n_bytes;
}

GBytes *
sighej_avoid_list_write (SighejAvoidList *self)
{
  guint8 *data = g_malloc0 (HEAD_BYTES + SIGHEJ_AVOID_PEOPLE_MAX * PERSON_BYTES);
  guint8 *at = data;

  *at++ = VERSION;
  *at++ = (guint8) self->n;
  for (guint i = 0; i < self->n; i++)
    {
      const SighejAvoidPerson *person = &self->people[i];
      gint64 nudged_s = GINT64_TO_BE (person->nudged_s);

      at = put (at, person->secret, sizeof person->secret);
      at = put (at, person->own_key, sizeof person->own_key);
      at = put (at, person->peer_key, sizeof person->peer_key);
      at = put (at, &nudged_s, sizeof nudged_s);
      *at++ = (guint8) person->why;
    }
  return g_bytes_new_with_free_func (data, (gsize) (at - data), wipe_free, data);
}

static const guint8 *
take (const guint8 *at, gpointer out, gsize n_bytes)
{
  memcpy (out, at, n_bytes);
  return at + n_bytes;
}

static gboolean
read_person (SighejAvoidPerson *person, const guint8 *at)
{
  gint64 nudged_s;

  at = take (at, person->secret, sizeof person->secret);
  at = take (at, person->own_key, sizeof person->own_key);
  at = take (at, person->peer_key, sizeof person->peer_key);
  at = take (at, &nudged_s, sizeof nudged_s);
  person->nudged_s = GINT64_FROM_BE (nudged_s);
  person->why = *at;
  return person->nudged_s >= 0 && *at <= SIGHEJ_AVOID_MET;
}

SighejAvoidList *
sighej_avoid_list_read (GBytes *plain)
{
  g_autoptr (SighejAvoidList) self = sighej_avoid_list_new ();
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (plain, &n_bytes);

  if (n_bytes < HEAD_BYTES || data[0] != VERSION || data[1] > SIGHEJ_AVOID_PEOPLE_MAX
      || n_bytes != HEAD_BYTES + data[1] * (gsize) PERSON_BYTES)
    return NULL;

  for (self->n = 0; self->n < data[1]; self->n++)
    if (!read_person (&self->people[self->n], data + HEAD_BYTES + self->n * (gsize) PERSON_BYTES))
      return NULL;
  return sighej_avoid_list_count_avoided (self) <= SIGHEJ_AVOID_AVOIDED_MAX
             ? g_steal_pointer (&self)
             : NULL;
}
