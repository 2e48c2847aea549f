/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"
#include "config.h"

#include "sighej-bulletin.h"

#include <glib/gi18n.h>

#include "sighej-crypto.h"
#include "sighej-locale.h"
#include "sighej-vocabulary.h"
#include "sighej-words.h"

void
sighej_bulletin_free (SighejBulletin *self)
{
  g_free (self->id);
  sighej_wipe_free_string (self->title);
  sighej_wipe_free_string (self->body);
  g_free (self->hint);
  g_free (self);
}

SighejBulletin *
sighej_bulletin_copy (const SighejBulletin *self)
{
  SighejBulletin *copy = g_memdup2 (self, sizeof *self);

  copy->id = g_strdup (self->id);
  copy->title = g_strdup (self->title);
  copy->body = g_strdup (self->body);
  copy->hint = g_strdup (self->hint);
  return copy;
}

gboolean
sighej_bulletin_is_lasting (const SighejBulletin *self)
{
  return self->alert == SIGHEJ_ALERT_OPEN;
}

gboolean
sighej_bulletin_is_low (const SighejBulletin *self)
{
  return self->alert == SIGHEJ_ALERT_OPEN || self->alert == SIGHEJ_ALERT_NEARBY;
}

char *
sighej_bulletin_dup_id (SighejAlert alert, guint64 number)
{
  static const char *const words[] = {
    [SIGHEJ_ALERT_NUDGE] = "nudge",     [SIGHEJ_ALERT_MEET] = "meet",
    [SIGHEJ_ALERT_MESSAGE] = "message", [SIGHEJ_ALERT_NEARBY] = "nearby",
    [SIGHEJ_ALERT_EXPIRED] = "expired", [SIGHEJ_ALERT_OPEN] = "open",
    [SIGHEJ_ALERT_FAILURE] = "failure",
  };

  return number == 0 ? g_strdup (words[alert])
                     : g_strdup_printf ("%s-%" G_GUINT64_FORMAT, words[alert], number);
}

/* Takes the three texts. */
static SighejBulletin *
bulletin_new (SighejAlert alert, guint64 number, char *title, char *body, char *hint)
{
  SighejBulletin *self = g_new0 (SighejBulletin, 1);

  self->id = sighej_bulletin_dup_id (alert, number);
  self->alert = alert;
  self->number = number;
  self->title = title;
  self->body = body;
  self->hint = hint;
  return self;
}

static void
add_button (SighejBulletin *self, const char *action, const char *label)
{
  g_assert (self->n_buttons < SIGHEJ_BULLETIN_BUTTONS_MAX);
  self->buttons[self->n_buttons++] = (SighejBulletinButton){ action, label };
}

/* ---- words ---- */

/* What both like, in the language of the locale where the vocabulary knows it. (transfer full) */
static char *
dup_shared (const char *const *shared)
{
  /* Translators: the code of your language, if the vocabulary of interests knows it */
  const char *language = C_ ("language code", "en");
  SighejVocabulary *vocabulary = sighej_vocabulary_get_default ();
  g_autoptr (GPtrArray) labels = g_ptr_array_new ();

  for (guint i = 0; shared[i] != NULL; i++)
    g_ptr_array_add (labels,
                     (gpointer) sighej_vocabulary_get_label (vocabulary, shared[i], language));
  g_ptr_array_add (labels, NULL);
  return sighej_words_dup_nudge ((const char *const *) labels->pdata);
}

/* What stands in the way, as a title. */
static const char *
get_trouble (SighejReason reason)
{
  /* Some reasons come with a state that is not waiting. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (reason)
    {
    case SIGHEJ_REASON_QUIET_HOURS:
      return _ ("Quiet hours");
    case SIGHEJ_REASON_BLUETOOTH_OFF:
      return _ ("Bluetooth is off");
    case SIGHEJ_REASON_BLUETOOTH_MISSING:
    case SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED:
      return _ ("No Bluetooth here");
    case SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT:
      return _ ("Airplane mode is on");
    case SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD:
      return _ ("A switch blocks Bluetooth");
    case SIGHEJ_REASON_BLUETOOTH_DENIED:
      return _ ("SigHej may not use Bluetooth");
    case SIGHEJ_REASON_BACKEND_OFFLINE:
      return _ ("No connection. Trying again");
    default:
      return _ ("Something stands in the way");
    }
#pragma GCC diagnostic pop
}

/* ---- the notifications ---- */

SighejBulletin *
sighej_bulletin_new_nudge (guint64 number, const char *const *shared, gboolean is_plain)
{
  g_auto (SighejLocaleScope) scope G_GNUC_UNUSED = sighej_locale_enter ();
  SighejBulletin *self = bulletin_new (
      SIGHEJ_ALERT_NUDGE,
      number,
      is_plain ? g_strdup (_ ("Someone near is open to talk")) : dup_shared (shared),
      g_strdup (is_plain ? _ ("You share an interest.")
                         : _ ("Wave, and you hear if they wave too.")),
      g_strdup_printf ("sighejctl wave %u · sighejctl not-now %u", (guint) number, (guint) number));

  add_button (self, "wave", _ ("Wave"));
  add_button (self, "not-now", _ ("Not now"));
  return self;
}

SighejBulletin *
sighej_bulletin_new_meet (guint64 number, const char *cue, gboolean is_plain)
{
  g_auto (SighejLocaleScope) scope G_GNUC_UNUSED = sighej_locale_enter ();

  return bulletin_new (SIGHEJ_ALERT_MEET,
                       number,
                       g_strdup (_ ("They waved too")),
                       /* Translators: %s is what both screens show, such as "Blue Heron" */
                       is_plain ? g_strdup (_ ("Now find each other."))
                                : g_strdup_printf (_ ("Look for %s"), cue),
                       g_strdup ("sighejctl meets"));
}

SighejBulletin *
sighej_bulletin_new_message (guint64 number, const char *from, const char *text, gboolean is_plain)
{
  g_auto (SighejLocaleScope) scope G_GNUC_UNUSED = sighej_locale_enter ();
  SighejBulletin *self = bulletin_new (
      SIGHEJ_ALERT_MESSAGE,
      number,
      g_strdup (is_plain ? _ ("New message") : from),
      is_plain ? g_strdup (_ ("From somebody you are about to meet."))
               : g_utf8_substring (
                   text, 0, MIN (g_utf8_strlen (text, -1), SIGHEJ_BULLETIN_MESSAGE_CHARS_MAX)),
      g_strdup_printf ("sighejctl messages %u", (guint) number));

  self->is_message = !is_plain;
  return self;
}

SighejBulletin *
sighej_bulletin_new_nearby (guint n_near)
{
  g_auto (SighejLocaleScope) scope G_GNUC_UNUSED = sighej_locale_enter ();

  return bulletin_new (SIGHEJ_ALERT_NEARBY,
                       0,
                       sighej_words_dup_nearby (n_near),
                       g_strdup (_ ("You hear if you share an interest.")),
                       g_strdup (""));
}

SighejBulletin *
sighej_bulletin_new_expired (void)
{
  g_auto (SighejLocaleScope) scope G_GNUC_UNUSED = sighej_locale_enter ();
  SighejBulletin *self = bulletin_new (SIGHEJ_ALERT_EXPIRED,
                                       0,
                                       g_strdup (_ ("Time is up")),
                                       g_strdup (_ ("You are not open to talk any more.")),
                                       g_strdup ("sighejctl open"));

  add_button (self, "open", _ ("Open again"));
  return self;
}

static char *
dup_open_title (SighejState state,
                SighejReason reason,
                guint64 open_until_s,
                guint64 paused_until_s)
{
  g_autofree char *end
      = sighej_words_dup_clock (state == SIGHEJ_STATE_PAUSED ? paused_until_s : open_until_s);

  if (state == SIGHEJ_STATE_WAITING)
    return g_strdup (get_trouble (reason));
  if (state != SIGHEJ_STATE_PAUSED)
    /* Translators: %s is a time such as 14:00 */
    return g_strdup_printf (_ ("Open to talk until %s"), end);
  if (paused_until_s == 0)
    return g_strdup (_ ("Paused"));
  /* Translators: %s is a time such as 14:00 */
  return g_strdup_printf (_ ("Paused until %s"), end);
}

static const char *
get_open_body (SighejState state)
{
  if (state == SIGHEJ_STATE_PAUSED)
    return _ ("Nobody sees you.");

  return state == SIGHEJ_STATE_WAITING ? _ ("It goes on by itself when it can.")
                                       : _ ("Others who are open can find you.");
}

SighejBulletin *
sighej_bulletin_new_open (SighejState state,
                          SighejReason reason,
                          guint64 open_until_s,
                          guint64 paused_until_s)
{
  g_auto (SighejLocaleScope) scope G_GNUC_UNUSED = sighej_locale_enter ();
  SighejBulletin *self = bulletin_new (SIGHEJ_ALERT_OPEN,
                                       0,
                                       dup_open_title (state, reason, open_until_s, paused_until_s),
                                       g_strdup (get_open_body (state)),
                                       g_strdup ("sighejctl close"));

  add_button (self, "close", _ ("Close"));
  return self;
}

SighejBulletin *
sighej_bulletin_new_failure (const char *sentence)
{
  g_auto (SighejLocaleScope) scope G_GNUC_UNUSED = sighej_locale_enter ();

  return bulletin_new (SIGHEJ_ALERT_FAILURE,
                       0,
                       g_strdup (_ ("That did not work")),
                       g_strdup (sentence),
                       g_strdup (""));
}
