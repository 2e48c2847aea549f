/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"

#include "config.h"

#include "sighej-avoid.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-error.h"
#include "sighej-state-file.h"

#define FILE_NAME "avoid"
#define KEY_NAME "avoid.key"
#define HEADING "SigHej/1 avoid\n" /* what the seal vouches for, and the file's first line */
#define SECONDS_PER_DAY 86400

struct _SighejAvoid
{
  GObject parent_instance;

  SighejClock *clock;
  char *path;
  char *key_path;
  SighejSealer *sealer; /* (nullable): no key yet */
  SighejAvoidList *list;
};

G_DEFINE_FINAL_TYPE (SighejAvoid, sighej_avoid, G_TYPE_OBJECT)

static void
sighej_avoid_init (SighejAvoid *self)
{
  self->list = sighej_avoid_list_new ();
}

static void
sighej_avoid_finalize (GObject *object)
{
  SighejAvoid *self = SIGHEJ_AVOID (object);

  g_object_unref (self->clock);
  g_free (self->path);
  g_free (self->key_path);
  g_clear_pointer (&self->sealer, sighej_sealer_free);
  sighej_avoid_list_free (self->list);

  G_OBJECT_CLASS (sighej_avoid_parent_class)->finalize (object);
}

static void
sighej_avoid_class_init (SighejAvoidClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_avoid_finalize;
}

static gint64
now_s (SighejAvoid *self)
{
  return sighej_clock_wall_us (self->clock) / G_USEC_PER_SEC;
}

/* ---- reading ---- */

static void
set_unreadable (GError **error, const char *why)
{
  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED, why);
}

/* FALSE without @error: there is none yet. */
static gboolean
load_key (SighejAvoid *self, GError **error)
{
  char *text = sighej_state_file_read (self->key_path, error);
  guint8 key[SIGHEJ_KEY_BYTES];
  gboolean good;

  if (text == NULL)
    return FALSE;

  good = sighej_hex_decode (g_strchomp (text), key, sizeof key);
  sighej_wipe_free_string (text);
  if (good)
    self->sealer = sighej_sealer_new (key);
  else
    set_unreadable (error, "it is no key");
  sighej_wipe (key, sizeof key);
  return good;
}

static SighejAvoidList *
open_list (SighejAvoid *self, const char *text, GError **error)
{
  g_autofree guint8 *sealed = NULL;
  g_autoptr (GBytes) plain = NULL;
  SighejAvoidList *list;
  gsize n_sealed = 0;

  if (g_str_has_prefix (text, HEADING) && self->sealer != NULL)
    {
      sealed = g_base64_decode (text + strlen (HEADING), &n_sealed);
      plain = sighej_unseal (
          self->sealer, sealed, n_sealed, (const guint8 *) HEADING, strlen (HEADING));
    }
  list = plain != NULL ? sighej_avoid_list_read (plain) : NULL;
  if (list == NULL)
    set_unreadable (error, "it is not sealed with this machine's key, or damaged");
  return list;
}

static void
load (SighejAvoid *self)
{
  g_autoptr (GError) key_error = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  SighejAvoidList *list = NULL;

  load_key (self, &key_error);
  if (key_error != NULL)
    sighej_state_file_put_aside (self->key_path, key_error);

  text = sighej_state_file_read (self->path, &error);
  if (text != NULL)
    list = open_list (self, text, &error);
  if (error != NULL)
    sighej_state_file_put_aside (self->path, error);
  if (list == NULL)
    return;

  sighej_avoid_list_free (self->list);
  self->list = list;
}

/* ---- writing ---- */

/* A key on the first use. */
static gboolean
have_key (SighejAvoid *self, GError **error)
{
  guint8 key[SIGHEJ_KEY_BYTES];
  char text[2 * SIGHEJ_KEY_BYTES + 2];
  gboolean written;

  if (self->sealer != NULL)
    return TRUE;

  sighej_random_bytes (key, sizeof key);
  sighej_hex_encode (key, sizeof key, text);
  g_strlcat (text, "\n", sizeof text);
  written = sighej_state_file_write (self->key_path, text, error);
  if (written)
    self->sealer = sighej_sealer_new (key);
  sighej_wipe (key, sizeof key);
  sighej_wipe (text, sizeof text);
  return written;
}

static gboolean
save (SighejAvoid *self, GError **error)
{
  g_autoptr (GBytes) plain = sighej_avoid_list_write (self->list);
  g_autoptr (GBytes) sealed = NULL;
  g_autofree char *base64 = NULL;
  g_autofree char *text = NULL;
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (plain, &n_bytes);

  if (!have_key (self, error))
    return FALSE;

  sealed = sighej_seal (self->sealer, data, n_bytes, (const guint8 *) HEADING, strlen (HEADING));
  data = g_bytes_get_data (sealed, &n_bytes);
  base64 = g_base64_encode (data, n_bytes);
  text = g_strconcat (HEADING, base64, "\n", NULL);
  return sighej_state_file_write (self->path, text, error);
}

/* ---- public ---- */

SighejAvoid *
sighej_avoid_new (SighejClock *clock, const char *folder)
{
  SighejAvoid *self = g_object_new (SIGHEJ_TYPE_AVOID, NULL);

  self->clock = g_object_ref (clock);
  self->path = g_build_filename (folder, FILE_NAME, NULL);
  self->key_path = g_build_filename (folder, KEY_NAME, NULL);
  load (self);
  return self;
}

gboolean
sighej_avoid_add (SighejAvoid *self,
                  const char *nudge_id,
                  SighejKeypair *own,
                  const guint8 peer_key[SIGHEJ_PUBLIC_KEY_BYTES],
                  GError **error)
{
  SighejAvoidPerson person = { .nudged_s = now_s (self) };
  gboolean added;

  if (!sighej_keypair_derive_secret (own, peer_key, SIGHEJ_KEYPAIR_AVOID_INFO, person.secret))
    {
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, "the other side's public key is none");
      return FALSE;
    }

  memcpy (person.own_key, sighej_keypair_get_public (own), sizeof person.own_key);
  memcpy (person.peer_key, peer_key, sizeof person.peer_key);
  g_strlcpy (person.nudge_id, nudge_id, sizeof person.nudge_id);
  sighej_avoid_list_expire (self->list, person.nudged_s);
  added = sighej_avoid_list_add (self->list, &person);
  sighej_wipe (&person, sizeof person);
  return !added || save (self, error);
}

gboolean
sighej_avoid_set_why (SighejAvoid *self, const char *nudge_id, SighejAvoidWhy why, GError **error)
{
  if (!sighej_avoid_list_knows (self->list, nudge_id))
    {
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_NOT_FOUND,
                           "nothing is known by which that person could be avoided later");
      return FALSE;
    }

  sighej_avoid_list_expire (self->list, now_s (self));
  return !sighej_avoid_list_set_why (self->list, nudge_id, why) || save (self, error);
}

SighejAvoidWhy
sighej_avoid_get_why (SighejAvoid *self, const char *nudge_id)
{
  return sighej_avoid_list_get_why (self->list, nudge_id);
}

guint
sighej_avoid_count (SighejAvoid *self)
{
  sighej_avoid_list_expire (self->list, now_s (self));
  return sighej_avoid_list_count_avoided (self->list);
}

void
sighej_avoid_tell (SighejAvoid *self, guint *n_people, guint *n_blocked, guint *n_met)
{
  sighej_avoid_list_expire (self->list, now_s (self));
  *n_people = sighej_avoid_list_count (self->list);
  *n_blocked = sighej_avoid_list_count_why (self->list, SIGHEJ_AVOID_BLOCKED);
  *n_met = sighej_avoid_list_count_why (self->list, SIGHEJ_AVOID_MET);
}

/* What is expired leaves the disk too, at the latest when the next session is made. */
void
sighej_avoid_make_tags (SighejAvoid *self, guint8 out[SIGHEJ_AVOID_TAGS][SIGHEJ_AVOID_TAG_BYTES])
{
  g_autoptr (GError) error = NULL;
  gint64 now = now_s (self);

  if (sighej_avoid_list_expire (self->list, now) && !save (self, &error))
    g_warning ("the list of those to avoid: %s", error->message);
  sighej_avoid_list_make_tags (self->list, (guint32) (now / SECONDS_PER_DAY), out);
}

gboolean
sighej_avoid_clear (SighejAvoid *self, GError **error)
{
  g_clear_pointer (&self->sealer, sighej_sealer_free);
  sighej_avoid_list_free (self->list);
  self->list = sighej_avoid_list_new ();
  /* The key's name begins with the list's, but it goes first. */
  return sighej_state_file_delete (self->key_path, error)
         && sighej_state_file_delete (self->path, error);
}
