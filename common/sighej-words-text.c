/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#include "sighej-error.h"
#include "sighej-phrasebook.h"
#include "sighej-words.h"

#define SECONDS_PER_MINUTE 60
#define MINUTES_PER_HOUR 60
/* Between what failed and what to do about it. */
#define STEP_MARK "; "

/* ---- figures and lists ---- */

char *
sighej_words_dup_duration (guint64 seconds)
{
  guint minutes = (guint) MIN ((seconds + SECONDS_PER_MINUTE - 1) / SECONDS_PER_MINUTE, G_MAXINT);

  if (seconds < SECONDS_PER_MINUTE)
    /* Translators: seconds */
    return g_strdup_printf (_ ("%u s"), (guint) seconds);
  if (minutes < MINUTES_PER_HOUR)
    return g_strdup_printf (_ ("%u min"), minutes);
  if (minutes % MINUTES_PER_HOUR == 0)
    /* Translators: hours */
    return g_strdup_printf (_ ("%u h"), minutes / MINUTES_PER_HOUR);
  /* Translators: hours and minutes */
  return g_strdup_printf (
      _ ("%u h %u min"), minutes / MINUTES_PER_HOUR, minutes % MINUTES_PER_HOUR);
}

char *
sighej_words_dup_left (guint64 seconds)
{
  g_autofree char *duration = sighej_words_dup_duration (seconds);

  /* Translators: a duration, "1 h 12 min left" */
  return g_strdup_printf (_ ("%s left"), duration);
}

char *
sighej_words_dup_clock (guint64 unix_seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local ((gint64) unix_seconds);

  return time != NULL ? g_date_time_format (time, "%H:%M") : g_strdup ("?");
}

char *
sighej_words_dup_list (const char *const *words)
{
  guint n_words = g_strv_length ((char **) words);
  GString *result = g_string_new (NULL);

  for (guint i = 0; i < n_words; i++)
    {
      if (i > 0)
        /* Translators: before the last of several words */
        g_string_append (result, i + 1 == n_words ? _ (" and ") : ", ");
      g_string_append (result, words[i]);
    }
  return g_string_free (result, FALSE);
}

char *
sighej_words_dup_quoted (const char *text)
{
  /* Translators: the quotes of your language */
  return g_strdup_printf (g_get_charset (NULL) ? _ ("“%s”") : "\"%s\"", text);
}

/* ---- people near ---- */

char *
sighej_words_dup_nearby (guint n_near)
{
  if (n_near == 0)
    return g_strdup (_ ("No one near yet"));
  return g_strdup_printf (ngettext ("%u person near is open", "%u people near are open", n_near),
                          n_near);
}

char *
sighej_words_dup_nudge (const char *const *shared)
{
  g_autofree char *list = shared != NULL ? sighej_words_dup_list (shared) : g_strdup ("");

  if (*list == '\0')
    return g_strdup (_ ("Someone near shares an interest with you"));
  /* Translators: interests, "Someone near also likes devops and jazz" */
  return g_strdup_printf (_ ("Someone near also likes %s"), list);
}

/* The spots that are no things to stand at, in the languages of the API. */
static gboolean
is_outside (const char *spot)
{
  return g_str_equal (spot, "outside") || g_str_equal (spot, "udenfor");
}

char *
sighej_words_dup_look_for (const char *cue, const char *spot)
{
  g_autofree char *quoted = sighej_words_dup_quoted (cue);

  if (spot == NULL || *spot == '\0')
    return g_strdup_printf (_ ("Look for %s."), quoted);
  if (is_outside (spot))
    /* Translators: "Look for “Blue Heron” outside." */
    return g_strdup_printf (_ ("Look for %s %s."), quoted, spot);
  /* Translators: "Look for “Blue Heron” at the window." */
  return g_strdup_printf (_ ("Look for %s at the %s."), quoted, spot);
}

/* ---- states ---- */

static char *
dup_silence (const char *who, const char *why)
{
  if (who == NULL || *who == '\0')
    return g_strdup (sighej_words_reason (SIGHEJ_REASON_INHIBITED));
  if (why == NULL || *why == '\0')
    return g_strdup_printf (_ ("%s asks for silence"), who);
  /* Translators: a program, and what it says it needs silence for */
  return g_strdup_printf (_ ("%s asks for silence (%s)"), who, why);
}

static char *
dup_paused (SighejReason reason, guint64 paused_until, const char *who, const char *why)
{
  g_autofree char *until = NULL;

  if (reason != SIGHEJ_REASON_USER && reason != SIGHEJ_REASON_NONE)
    {
      g_autofree char *cause = reason == SIGHEJ_REASON_INHIBITED
                                   ? dup_silence (who, why)
                                   : g_strdup (sighej_words_reason (reason));

      return g_strdup_printf (_ ("Paused: %s. Nobody sees you."), cause);
    }
  if (paused_until == 0)
    return g_strdup (_ ("Paused. Nobody sees you."));
  until = sighej_words_dup_clock (paused_until);
  return g_strdup_printf (_ ("Paused until %s. Nobody sees you."), until);
}

static const char *
off_sentence (SighejReason reason)
{
  if (reason == SIGHEJ_REASON_EXPIRED)
    return _ ("Not open to talk: the time is up.");
  if (reason == SIGHEJ_REASON_LOCKED)
    return _ ("Not open to talk: the screen was locked.");
  return _ ("Not open to talk.");
}

static gboolean
is_with_an_end (SighejState state)
{
  return state == SIGHEJ_STATE_OPENING || state == SIGHEJ_STATE_OPEN
         || state == SIGHEJ_STATE_WAITING;
}

/* Of a kiosk. */
static char *
dup_endless (SighejState state, const char *cause)
{
  if (state == SIGHEJ_STATE_WAITING)
    return g_strdup_printf (_ ("Waiting: %s."), cause);

  return g_strdup (state == SIGHEJ_STATE_OPEN ? _ ("On the air until it is closed.")
                                              : _ ("Going on the air."));
}

char *
sighej_words_dup_state (SighejState state,
                        SighejReason reason,
                        guint64 open_until,
                        guint64 paused_until,
                        const char *who,
                        const char *why)
{
  g_autofree char *until = sighej_words_dup_clock (open_until);
  const char *cause = sighej_words_reason (reason);

  if (open_until == 0 && is_with_an_end (state))
    return dup_endless (state, cause);
  switch (state)
    {
    case SIGHEJ_STATE_OPENING:
      return g_strdup_printf (_ ("Opening, until %s."), until);
    case SIGHEJ_STATE_OPEN:
      return g_strdup_printf (_ ("Open to talk until %s."), until);
    case SIGHEJ_STATE_PAUSED:
      return dup_paused (reason, paused_until, who, why);
    case SIGHEJ_STATE_WAITING:
      return g_strdup_printf (_ ("Waiting until %s: %s."), until, cause);
    case SIGHEJ_STATE_CLOSING:
      return reason == SIGHEJ_REASON_BLUETOOTH_LOST ? g_strdup_printf (_ ("Closing: %s."), cause)
                                                    : g_strdup (_ ("Closing."));
    case SIGHEJ_STATE_OFF:
    default:
      return g_strdup (off_sentence (reason));
    }
}

/* ---- what the daemon writes ---- */

/* Both halves of "what failed; what to do", each in the person's language. */
static void
split (const char *text, char **sentence, char **step)
{
  g_autofree char *whole = sighej_phrasebook_translate (text);
  const char *mark = strstr (whole, STEP_MARK);
  g_autofree char *head = mark != NULL ? g_strndup (whole, (gsize) (mark - whole)) : NULL;

  if (head == NULL)
    {
      *sentence = g_steal_pointer (&whole);
      *step = NULL;
      return;
    }
  *sentence = sighej_phrasebook_translate (head);
  *step = sighej_phrasebook_translate (mark + strlen (STEP_MARK));
}

char *
sighej_words_dup_translated (const char *text)
{
  g_autofree char *sentence = NULL;
  g_autofree char *step = NULL;

  split (text, &sentence, &step);
  return step != NULL ? g_strconcat (sentence, STEP_MARK, step, NULL) : g_steal_pointer (&sentence);
}

/* The halves of the daemon's own explanation. They are interned: there are few. */
static void
explain (SighejReason reason, const char **clause, const char **step)
{
  g_autoptr (GError) explanation = sighej_error_new_for_reason (reason);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  split (explanation->message, &first, &second);
  *clause = g_intern_string (first);
  *step = g_intern_string (second != NULL ? second : "");
}

const char *
sighej_words_reason (SighejReason reason)
{
  const char *clause;
  const char *step;

  explain (reason, &clause, &step);
  return clause;
}

const char *
sighej_words_reason_step (SighejReason reason)
{
  const char *clause;
  const char *step;

  explain (reason, &clause, &step);
  return step;
}

/* What the bus says, in fewer words; NULL: it says something else. */
static const char *
bus_clause (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT))
    return _ ("the daemon does not answer in time");
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return _ ("the daemon is not reachable");
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    return _ ("the bus does not allow it");
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD))
    return _ ("it is over already");
  return NULL;
}

/* "…, try again in 40 seconds": the figure is the daemon's, the words are ours. */
static char *
dup_rate_limited (const GError *error)
{
  unsigned seconds = sighej_error_get_retry_after_s (error);
  const char *comma = g_strrstr (error->message, ", ");
  g_autofree char *what = NULL;
  g_autofree char *translated = NULL;

  if (seconds == 0 || comma == NULL)
    return NULL;
  what = g_strndup (error->message, (gsize) (comma - error->message));
  translated = sighej_phrasebook_translate (what);
  return g_strdup_printf (
      ngettext ("%s, try again in %u second", "%s, try again in %u seconds", seconds),
      translated,
      seconds);
}

static void
split_error (const GError *error, char **sentence, char **step)
{
  g_autoptr (GError) local = g_error_copy (error);
  const char *clause = bus_clause (error);

  *step = NULL;
  g_dbus_error_strip_remote_error (local);
  *sentence = clause != NULL ? g_strdup (clause) : dup_rate_limited (local);
  if (*sentence == NULL)
    split (local->message, sentence, step);
}

char *
sighej_words_dup_error (const GError *error)
{
  g_autofree char *step = NULL;
  char *sentence;

  split_error (error, &sentence, &step);
  return sentence;
}

char *
sighej_words_dup_error_step (const GError *error)
{
  g_autofree char *sentence = NULL;
  char *step;

  split_error (error, &sentence, &step);
  return step;
}
