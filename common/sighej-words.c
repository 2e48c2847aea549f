/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-words.h"

#include <glib/gi18n.h>

#include "sighej-enum-types.h"

/* Each set of words is a context of its own: "here" is a distance, and a state of a meet. */
#define BAND "band"
#define NUDGE "nudge"
#define MEET "meet"
#define BLUETOOTH "bluetooth"
#define BACKEND "backend"
#define PRIVACY "privacy"
#define MARK "mark"
#define REPORT "report"

static const char *const bands[] = {
  [SIGHEJ_BAND_GONE] = NC_ ("band", "gone"),
  [SIGHEJ_BAND_AROUND] = NC_ ("band", "around"),
  [SIGHEJ_BAND_NEAR] = NC_ ("band", "near"),
  [SIGHEJ_BAND_HERE] = NC_ ("band", "here"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (bands) == SIGHEJ_BAND_HERE + 1);

static const char *const nudge_states[] = {
  [SIGHEJ_NUDGE_STATE_NEW] = NC_ ("nudge", "new"),
  [SIGHEJ_NUDGE_STATE_WAVED] = NC_ ("nudge", "waved"),
  [SIGHEJ_NUDGE_STATE_MUTUAL] = NC_ ("nudge", "mutual"),
  [SIGHEJ_NUDGE_STATE_EXPIRED] = NC_ ("nudge", "expired"),
  [SIGHEJ_NUDGE_STATE_GONE] = NC_ ("nudge", "gone"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (nudge_states) == SIGHEJ_NUDGE_STATE_GONE + 1);

static const char *const meet_states[] = {
  [SIGHEJ_MEET_STATE_AGREED] = NC_ ("meet", "agreed"),
  [SIGHEJ_MEET_STATE_FINDING] = NC_ ("meet", "finding"),
  [SIGHEJ_MEET_STATE_HERE] = NC_ ("meet", "here"),
  [SIGHEJ_MEET_STATE_MET] = NC_ ("meet", "met"),
  [SIGHEJ_MEET_STATE_ENDED] = NC_ ("meet", "ended"),
  [SIGHEJ_MEET_STATE_EXPIRED] = NC_ ("meet", "expired"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (meet_states) == SIGHEJ_MEET_STATE_EXPIRED + 1);

static const char *const bluetooth_words[] = {
  [SIGHEJ_BLUETOOTH_READY] = NC_ ("bluetooth", "ready"),
  [SIGHEJ_BLUETOOTH_OFF] = NC_ ("bluetooth", "off"),
  [SIGHEJ_BLUETOOTH_MISSING] = NC_ ("bluetooth", "missing"),
  [SIGHEJ_BLUETOOTH_BLOCKED_SOFT] = NC_ ("bluetooth", "blocked by software"),
  [SIGHEJ_BLUETOOTH_BLOCKED_HARD] = NC_ ("bluetooth", "blocked by a switch"),
  [SIGHEJ_BLUETOOTH_UNSUPPORTED] = NC_ ("bluetooth", "not supported"),
  [SIGHEJ_BLUETOOTH_DENIED] = NC_ ("bluetooth", "denied"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (bluetooth_words) == SIGHEJ_BLUETOOTH_DENIED + 1);

static const char *const backend_words[] = {
  [SIGHEJ_BACKEND_STATE_OFFLINE] = NC_ ("backend", "offline"),
  [SIGHEJ_BACKEND_STATE_CONNECTING] = NC_ ("backend", "connecting"),
  [SIGHEJ_BACKEND_STATE_ONLINE] = NC_ ("backend", "online"),
  [SIGHEJ_BACKEND_STATE_REFUSED] = NC_ ("backend", "refused"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (backend_words) == SIGHEJ_BACKEND_STATE_REFUSED + 1);

static const char *const privacy_words[] = {
  [SIGHEJ_PRIVACY_UNKNOWN] = NC_ ("privacy", "unknown"),
  [SIGHEJ_PRIVACY_PRIVATE] = NC_ ("privacy", "private"),
  [SIGHEJ_PRIVACY_GUARDED] = NC_ ("privacy", "guarded"),
  [SIGHEJ_PRIVACY_LINKABLE] = NC_ ("privacy", "linkable"),
  [SIGHEJ_PRIVACY_BLOCKED] = NC_ ("privacy", "blocked"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (privacy_words) == SIGHEJ_PRIVACY_BLOCKED + 1);

static const char *const marks[] = {
  [SIGHEJ_MEET_MARK_WAITING] = NC_ ("mark", "waiting"),
  [SIGHEJ_MEET_MARK_SENT] = NC_ ("mark", "sent"),
  [SIGHEJ_MEET_MARK_DELIVERED] = NC_ ("mark", "delivered"),
  [SIGHEJ_MEET_MARK_SEEN] = NC_ ("mark", "seen"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (marks) == SIGHEJ_MEET_MARK_SEEN + 1);

static const char *const report_reasons[] = {
  [SIGHEJ_REPORT_REASON_SPAM] = NC_ ("report", "spam"),
  [SIGHEJ_REPORT_REASON_HARASSMENT] = NC_ ("report", "harassment"),
  [SIGHEJ_REPORT_REASON_FAKE] = NC_ ("report", "fake"),
  [SIGHEJ_REPORT_REASON_UNDERAGE] = NC_ ("report", "underage"),
  [SIGHEJ_REPORT_REASON_DANGER] = NC_ ("report", "danger"),
  [SIGHEJ_REPORT_REASON_OTHER] = NC_ ("report", "other"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (report_reasons) == SIGHEJ_REPORT_REASON_OTHER + 1);

/* The value is checked, since it may have come from a program that is newer than this one. */
static const char *
pick (const char *context, const char *const *words, gsize n_words, guint value)
{
  g_return_val_if_fail (value < n_words, "");

  return g_dpgettext2 (NULL, context, words[value]);
}

const char *
sighej_words_mark (SighejMeetMark mark)
{
  return pick (MARK, marks, G_N_ELEMENTS (marks), mark);
}

const char *
sighej_words_of (GType type, const char *nick)
{
  const struct
  {
    GType type;
    const char *context;
    const char *const *words;
    gsize n_words;
  } sets[] = {
    { SIGHEJ_TYPE_BAND, BAND, bands, G_N_ELEMENTS (bands) },
    { SIGHEJ_TYPE_NUDGE_STATE, NUDGE, nudge_states, G_N_ELEMENTS (nudge_states) },
    { SIGHEJ_TYPE_MEET_STATE, MEET, meet_states, G_N_ELEMENTS (meet_states) },
    { SIGHEJ_TYPE_BLUETOOTH, BLUETOOTH, bluetooth_words, G_N_ELEMENTS (bluetooth_words) },
    { SIGHEJ_TYPE_BACKEND_STATE, BACKEND, backend_words, G_N_ELEMENTS (backend_words) },
    { SIGHEJ_TYPE_PRIVACY, PRIVACY, privacy_words, G_N_ELEMENTS (privacy_words) },
    { SIGHEJ_TYPE_MEET_MARK, MARK, marks, G_N_ELEMENTS (marks) },
    { SIGHEJ_TYPE_REPORT_REASON, REPORT, report_reasons, G_N_ELEMENTS (report_reasons) },
  };
  int value;

  if (nick == NULL)
    return "";
  if (sighej_enum_from_nick (type, nick, &value))
    for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
      if (sets[i].type == type)
        return pick (sets[i].context, sets[i].words, sets[i].n_words, (guint) value);
  return nick;
}

/* ---- what they mean ---- */

const char *
sighej_words_privacy (SighejPrivacy privacy)
{
  switch (privacy)
    {
    case SIGHEJ_PRIVACY_PRIVATE:
      return _ ("your address changes with each token");
    case SIGHEJ_PRIVACY_GUARDED:
      return _ ("your address changes with each token, and is watched");
    case SIGHEJ_PRIVACY_LINKABLE:
      return _ ("your address may outlive a token, so two can be joined");
    case SIGHEJ_PRIVACY_BLOCKED:
      return _ ("your fixed address would show, so nothing is sent");
    case SIGHEJ_PRIVACY_UNKNOWN:
    default:
      return _ ("whether your fixed address stays hidden cannot be seen");
    }
}

const char *
sighej_words_reason_advice (SighejReason reason)
{
  static const char *const sentences[] = {
    [SIGHEJ_REASON_NONE] = N_ ("Wait a moment."),
    [SIGHEJ_REASON_USER] = N_ ("Resume when you want to be seen again."),
    [SIGHEJ_REASON_EXPIRED] = N_ ("Open again when you like."),
    [SIGHEJ_REASON_LOCKED] = N_ ("Unlock the screen to go on."),
    [SIGHEJ_REASON_SUSPENDED] = N_ ("It goes on when the machine is awake again."),
    [SIGHEJ_REASON_INHIBITED] = N_ ("It goes on when that program is done."),
    [SIGHEJ_REASON_QUIET_HOURS] = N_ ("It goes on after your quiet hours."),
    [SIGHEJ_REASON_BLUETOOTH_OFF] = N_ ("Turn it on in the Bluetooth settings."),
    [SIGHEJ_REASON_BLUETOOTH_MISSING] = N_ ("Plug in a Bluetooth adapter, or meet with a code."),
    [SIGHEJ_REASON_BLUETOOTH_LOST]
    = N_ ("It usually comes back by itself. If it does not, restart the machine."),
    [SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT] = N_ ("Leave airplane mode to go on."),
    [SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD] = N_ ("Flip the switch or press the airplane-mode key."),
    [SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED]
    = N_ ("Use an adapter with Bluetooth Low Energy, or meet with a code."),
    [SIGHEJ_REASON_BLUETOOTH_DENIED]
    = N_ ("Ask whoever runs this machine to let you use org.bluez on the system bus."),
    [SIGHEJ_REASON_RADIO_STALLED] = N_ ("Turn Bluetooth off and on again."),
    [SIGHEJ_REASON_SCAN_CONFLICT] = N_ ("Close the Bluetooth window of the other program."),
    [SIGHEJ_REASON_PRIVACY_BLOCKED] = N_ ("Close the Bluetooth settings to go on."),
    [SIGHEJ_REASON_BACKEND_UNSET] = N_ ("Choose a backend in the preferences."),
    [SIGHEJ_REASON_BACKEND_OFFLINE] = N_ ("Check your network. It is tried again by itself."),
    [SIGHEJ_REASON_BACKEND_REFUSED] = N_ ("Ask whoever runs the backend, or choose another one."),
    [SIGHEJ_REASON_RATE_LIMITED] = N_ ("It is tried again by itself."),
    [SIGHEJ_REASON_POLICY] = N_ ("Ask whoever runs this machine."),
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (sentences) == SIGHEJ_REASON_POLICY + 1);
  g_return_val_if_fail ((guint) reason < G_N_ELEMENTS (sentences), "");

  return _ (sentences[reason]);
}

const char *
sighej_words_problem (SighejMeetProblem problem)
{
  static const char *const sentences[] = {
    [SIGHEJ_MEET_PROBLEM_KEY_UNHEARD]
    = N_ ("The other side's key is not the one heard here: somebody may stand between you."),
    [SIGHEJ_MEET_PROBLEM_KEY_CHANGED]
    = N_ ("The other side showed another key than it had promised: somebody may stand between "
          "you."),
    [SIGHEJ_MEET_PROBLEM_KEY_UNUSABLE] = N_ ("The other side's key cannot be used."),
    [SIGHEJ_MEET_PROBLEM_MESSAGE_CHANGED]
    = N_ ("A message was changed on its way: somebody may stand between you."),
    [SIGHEJ_MEET_PROBLEM_MESSAGE_REPEATED]
    = N_ ("A message came a second time: somebody may stand between you."),
    [SIGHEJ_MEET_PROBLEM_MESSAGE_MISSING]
    = N_ ("A message is missing or came too early: somebody may stand between you."),
    [SIGHEJ_MEET_PROBLEM_MESSAGE_GARBLED] = N_ ("The other side sent what is no message."),
    [SIGHEJ_MEET_PROBLEM_BACKEND_FALSE] = N_ ("The backend claims messages that were never sent."),
    [SIGHEJ_MEET_PROBLEM_LOCATION_MISSING]
    = N_ ("They are not shown where you are: this machine has no location service. Install the "
          "package geoclue-2.0."),
    [SIGHEJ_MEET_PROBLEM_LOCATION_DENIED]
    = N_ ("They are not shown where you are: the location service refuses. Allow location in the "
          "privacy settings."),
    [SIGHEJ_MEET_PROBLEM_LOCATION_FAILED]
    = N_ ("They are not shown where you are: the location service does not work. Turn it "
          "off and on to try again."),
    [SIGHEJ_MEET_PROBLEM_LOCATION_UNKNOWN]
    = N_ ("They are not shown where you are: no exact position yet. Allow it if the desktop asks, "
          "and try outdoors."),
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (sentences) == SIGHEJ_MEET_PROBLEM_LOCATION_UNKNOWN + 1);
  g_return_val_if_fail ((guint) problem < G_N_ELEMENTS (sentences), NULL);

  return sentences[problem] != NULL ? _ (sentences[problem]) : NULL;
}

const char *
sighej_words_trust (SighejMeetTrust trust)
{
  switch (trust)
    {
    case SIGHEJ_MEET_TRUST_VERIFIED:
      return _ ("Nobody but the two of you can read the talk.");
    case SIGHEJ_MEET_TRUST_PHRASE:
      return _ ("Both screens must show the same words:");
    case SIGHEJ_MEET_TRUST_BROKEN:
      return _ ("Nothing is shown of the talk.");
    case SIGHEJ_MEET_TRUST_UNKNOWN:
    default:
      return _ ("The other side's key is not checked yet.");
    }
}

const char *
sighej_words_sharing (SighejMeetSharing sharing)
{
  switch (sharing)
    {
    case SIGHEJ_MEET_SHARING_ASKED:
      return _ ("They see where you are once they say the same. They are not told; ask them.");
    case SIGHEJ_MEET_SHARING_ON:
      return _ ("You both see direction and distance of each other.");
    case SIGHEJ_MEET_SHARING_OFF:
    default:
      return _ ("Nobody is shown where you are.");
    }
}

static const char *
distance_words (SighejDistance distance)
{
  static const char *const words[] = {
    [SIGHEJ_DISTANCE_BESIDE] = NC_ ("place", "right beside you"),
    [SIGHEJ_DISTANCE_NEAR] = NC_ ("place", "near"),
    [SIGHEJ_DISTANCE_IN_SIGHT] = NC_ ("place", "in sight"),
    [SIGHEJ_DISTANCE_WALK] = NC_ ("place", "a walk away"),
    [SIGHEJ_DISTANCE_FAR] = NC_ ("place", "far away"),
  };

  return pick ("place", words, G_N_ELEMENTS (words), distance);
}

static const char *
direction_words (SighejDirection direction)
{
  static const char *const words[] = {
    [SIGHEJ_DIRECTION_N] = NC_ ("place", "to the north"),
    [SIGHEJ_DIRECTION_NE] = NC_ ("place", "to the north-east"),
    [SIGHEJ_DIRECTION_E] = NC_ ("place", "to the east"),
    [SIGHEJ_DIRECTION_SE] = NC_ ("place", "to the south-east"),
    [SIGHEJ_DIRECTION_S] = NC_ ("place", "to the south"),
    [SIGHEJ_DIRECTION_SW] = NC_ ("place", "to the south-west"),
    [SIGHEJ_DIRECTION_W] = NC_ ("place", "to the west"),
    [SIGHEJ_DIRECTION_NW] = NC_ ("place", "to the north-west"),
  };

  return direction == SIGHEJ_DIRECTION_NONE
             ? ""
             : pick ("place", words, G_N_ELEMENTS (words), direction);
}

char *
sighej_words_dup_place (SighejDirection direction, SighejDistance distance)
{
  if (direction == SIGHEJ_DIRECTION_NONE)
    return g_strdup_printf (_ ("They are %s."), distance_words (distance));
  /* Translators: "They are in sight, to the north." */
  return g_strdup_printf (
      _ ("They are %s, %s."), distance_words (distance), direction_words (direction));
}
