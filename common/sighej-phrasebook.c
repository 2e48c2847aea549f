/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-phrasebook.h"

#include <glib/gi18n.h>
#include <string.h>

/* So many figures and names are in one text at most. */
#define PARTS_MAX 6
#define FIGURE "0123456789+-"

static const char *const phrases[] = {
  /* the doctor: Bluetooth */
  N_ ("there is no Bluetooth adapter, or its service does not run"),
  N_ ("plug one in, or start the service: systemctl start bluetooth"),
  N_ ("the Bluetooth service ended and may have left a token on the air; the system was asked to "
      "start it again"),
  N_ ("if it does not come back: systemctl start bluetooth"),
  N_ ("Bluetooth is switched off"),
  N_ ("switch it on: bluetoothctl power on"),
  N_ ("Bluetooth is blocked by a software switch"),
  N_ ("unblock it: rfkill unblock bluetooth"),
  N_ ("Bluetooth is blocked by a hardware switch"),
  N_ ("turn the switch or press the key on the machine"),
  N_ ("this adapter cannot send our 31 bytes: it has no Bluetooth LE, or runs with LE alone, where "
      "the kernel adds three bytes of its own"),
  N_ ("choose another: sighejctl adapter; or, if this one has both, set ControllerMode = dual in "
      "/etc/bluetooth/main.conf"),
  N_ ("the system does not let us use Bluetooth"),
  N_ ("add this user to the group bluetooth"),
  N_ ("the adapter does not do what it is told, or hears nothing at all"),
  N_ ("switch Bluetooth off and on: bluetoothctl power off; bluetoothctl power on"),
  N_ ("another program scans, or a Bluetooth service that crashed did, and this adapter cannot "
      "change its address meanwhile"),
  N_ ("close the Bluetooth settings or stop the other scan; after a crash it ends within 10 s"),
  N_ ("the adapter can be discovered or connected to, so its fixed address would be on the air"),
  N_ ("close the Bluetooth settings, or: bluetoothctl discoverable off"),
  N_ ("whether this adapter hides its address cannot be seen fully"),
  N_ ("let the service open Bluetooth sockets (AF_BLUETOOTH)"),
  N_ ("the address changes with the token, always"),
  N_ ("the address changes with the token"),
  N_ ("this adapter keeps its address for up to 15 minutes, so two tokens can be joined"),
  N_ ("set Privacy = off in /etc/bluetooth/main.conf on adapters without extended advertising"),
  N_ ("the fixed address would be on the air, so nothing is sent"),
  N_ ("other programs use all the advertisements this adapter can send"),
  N_ ("close one that advertises over Bluetooth, or choose another adapter: sighejctl adapter"),
  N_ ("the Bluetooth adapter is ready"),
  N_ ("nothing at all was heard for 3 minutes, of no Bluetooth device: none is near, or the "
      "adapter "
      "is stuck"),
  N_ ("if there should be some, switch Bluetooth off and on: bluetoothctl power off; bluetoothctl "
      "power on"),
  N_ ("every packet is heard"),
  N_ ("each neighbour is heard every few seconds"),
  N_ ("to hear more, start bluetoothd with --experimental"),
  N_ ("this kiosk listens all the time"),
  N_ ("on mains it listens all the time"),
  N_ ("somebody is there, so it listens all the time, on battery too"),
  N_ ("it tries to listen all the time until the radio is well, on battery too"),
  N_ ("it listens all the time for the first minute, on battery too"),
  N_ ("on battery and with nobody there it listens 10 s in every 60 s"),
  N_ ("on battery it listens 10 s in every 30 s until somebody is there"),
  N_ ("the radio is simulated: only programs on this machine are heard"),
  N_ ("start sighejd with --radio=bluez for real Bluetooth"),
  N_ ("there is no Bluetooth radio here"),
  N_ ("plug in a Bluetooth adapter and start sighejd with --radio=bluez"),

  /* the doctor: the rest */
  N_ ("as many nudges as you want in an hour have come"),
  N_ ("wait, or raise MaxNudgesPerHour in sighejd.conf"),
  N_ ("these are quiet hours"),
  N_ ("wait until they are over, or change the quiet hours"),
  N_ ("no login manager tells when this machine sleeps or is locked"),
  N_ ("close before you suspend, or run systemd-logind or elogind"),
  N_ ("the machine may sleep while a token is still on the air"),
  N_ ("allow this user org.freedesktop.login1.inhibit-delay-sleep"),
  N_ ("off the air before this machine sleeps"),
  N_ ("a screen lock was asked for, and no screen locker says what came of it"),
  N_ ("when you are back: sighejctl resume"),
  N_ ("the screen is locked"),
  N_ ("unlock it to go on"),
  N_ ("%s asks for silence%s%s%s; it goes on by itself when that is over"),
  N_ ("end that program, if it should have done so"),
  N_ ("no interest is chosen"),
  N_ ("choose some: sighejctl interests set devops \"board games\""),
  N_ ("interests are chosen"),
  N_ ("no backend is set"),
  N_ ("choose one: sighejctl backend set https://…"),
  N_ ("the backend has accepted a session"),
  N_ ("asking for a session"),
  N_ ("no session is wanted now"),
  N_ ("ask whoever runs the backend, or choose another one"),
  N_ ("check the network and the backend's address"),
  N_ ("allow WebSocket upgrades to the backend"),
  N_ ("lost; connecting again"),
  N_ ("not used: the backend is this machine itself"),
  N_ ("set CaFile= if the backend has an authority of its own"),
  N_ ("the backend's certificate is trusted"),
  N_ ("the backend answered with HTTP status %u"),
  N_ ("what answers there is no SigHej backend"),
  N_ ("the backend's sessions are too short"),
  N_ ("the backend ended the session"),
  N_ ("the WebSocket was closed with code %u%s"),
  N_ ("the backend has gone silent"),
  N_ ("the backend did not answer on the WebSocket in time"),
  N_ ("the backend did not answer in time"),

  /* errors of the manager */
  N_ ("not open to talk"),
  N_ ("%u seconds is not between %u and %u"),
  N_ ("the end would be more than %u seconds from now"),
  N_ ("there may be at most %u quiet hours"),
  N_ ("no interest is chosen yet"),
  N_ ("no backend is chosen yet"),
  N_ ("there is no adapter %s"),
  N_ ("the language must be en or da"),
  N_ ("there is no connection to the backend now"),
  N_ ("the backend has not answered in time"),
  N_ ("the backend has not been reached in time"),
  N_ ("the connection to the backend was lost"),
  N_ ("there is no session at the backend"),
  N_ ("%d programs ask for silence already; close one of them"),
  N_ ("all is deleted on this machine, but the backend did not confirm it; wait: what it has ends "
      "by itself within 2 hours"),
  N_ ("cannot keep it on the disk: %s"),

  /* errors of nudges, meets and the talk */
  N_ ("there is no such nudge"),
  N_ ("that nudge is over"),
  N_ ("it has become a meet; end that instead"),
  N_ ("this backend does not take waves"),
  N_ ("too many meets at a time, try again in 60 s"),
  N_ ("there is no such meet"),
  N_ ("the meet is over"),
  N_ ("the other side is gone already"),
  N_ ("there is no such spot; choose one of the list"),
  N_ ("an empty message says nothing"),
  N_ ("the message has %ld characters; say it in several of at most %d"),
  N_ ("the message has control characters; only line breaks are taken"),
  N_ ("the other side's key is not known yet, try again in a moment"),
  N_ ("too much waits for the backend, try again in %u s"),
  N_ ("too many in a short time, try again in %u s"),
  N_ ("this backend makes no pairing codes"),
  N_ ("this backend knows no pairing codes"),
  N_ ("that code was used again, wait for that"),
  N_ ("that code leads to nobody any more"),
  N_ ("a pairing code has %d digits; it is written like 4829-1307-5516"),
  N_ ("this machine has no location service: install the package geoclue-2.0"),
  N_ ("the location service refuses: allow location in the privacy settings"),
  N_ ("the location service does not work: try again"),
  N_ ("no exact position yet: allow it if the desktop asks, and try outdoors"),

  /* errors of reports and appeals */
  N_ ("there is nobody to report"),
  N_ ("there is no such reason"),
  N_ ("this backend takes no reports"),
  N_ ("a report has at most %d characters and no control characters but line breaks"),
  N_ ("an appeal has 1 to %d characters and no control characters but line breaks"),
  N_ ("there is no such message; 'sighejctl messages' shows the numbers"),
  N_ ("at most %d messages can be attached"),
  N_ ("it was closed before the backend had taken it; nothing is kept"),
  N_ ("the backend has not taken it yet; it is kept here and sent again until you close"),
  N_ ("the backend did not take it: %s"),
  N_ ("too many wait for the backend already, try again in %d s"),
  N_ ("nothing is known by which that person could be avoided later"),

  /* errors of measuring the adapter */
  N_ ("there is no Bluetooth adapter to calibrate"),
  N_ ("a calibration is running already; wait until it is over"),
  N_ ("a calibration needs both machines to be open"),
  N_ ("a calibration takes %d to %d seconds; choose as many"),
  N_ ("the Bluetooth adapter changed during the calibration"),
  N_ ("this machine did not stay open during the calibration"),
  N_ ("no other machine was heard; put one that is open with the same backend 1 m away, then try "
      "again"),
  N_ ("more than one machine is heard as strongly; move all others at least 3 m away or close "
      "them, "
      "then try again"),
  N_ ("only %u samples of the other machine came, %u are needed; try again for longer, or start "
      "bluetoothd with --experimental, which hears far more"),
  N_ ("the strength varied by %u dB, at most %d are fine; keep both machines at 1 m with nothing "
      "between them, then try again"),
  N_ ("what is sent must be -71 to -50 dBm; measure it on another machine: sighejctl calibrate "
      "--transmit"),
  N_ ("what is received may be off by -30 to 30 dB; measure it: sighejctl calibrate"),

  /* errors of a kiosk */
  N_ ("this is a kiosk, which has no person to do that for; ask the SigHej of your own machine, "
      "without --system"),
  N_ ("a kiosk is open until it is closed; open it without a duration"),
  N_ ("you may not do that to this kiosk; do it as its administrator, with sudo"),
  N_ ("too many wait to be let through; try again in a minute"),
};

/* The conversion at the beginning of @format ("%s", "%ld"): its length, characters. */
static gsize
conversion_length (const char *format)
{
  return strcspn (format, "sdu") + 1;
}

/* Where the part that begins at @text ends, so that @rest can follow it; NULL: nowhere. */
static const char *
find_end (const char *text, const char *rest, gboolean figure)
{
  g_autofree char *next = g_strndup (rest, strcspn (rest, "%"));
  gsize n_digits = strspn (text, FIGURE);

  if (figure)
    return n_digits > 0 ? text + n_digits : NULL;
  if (*rest == '\0')
    return text + strlen (text);
  /* Two names side by side: which is which cannot be told, so the last one gets all. */
  return *next == '\0' ? text : strstr (text, next);
}

/* What stands for the conversions of @phrase in @text. (transfer full) (nullable): another text */
static GPtrArray *
take_apart (const char *phrase, const char *text)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  while (*phrase != '\0')
    {
      gsize literal = strcspn (phrase, "%");
      gboolean figure;
      const char *end;

      if (strncmp (phrase, text, literal) != 0)
        return NULL;
      phrase += literal;
      text += literal;
      if (*phrase == '\0')
        break;

      figure = phrase[conversion_length (phrase) - 1] != 's';
      phrase += conversion_length (phrase);
      end = find_end (text, phrase, figure);
      if (end == NULL || parts->len == PARTS_MAX)
        return NULL;
      g_ptr_array_add (parts, g_strndup (text, (gsize) (end - text)));
      text = end;
    }
  return *text == '\0' ? g_steal_pointer (&parts) : NULL;
}

/* @phrase with @parts where its conversions are, in their order. (transfer full) */
static char *
put_together (const char *phrase, GPtrArray *parts)
{
  GString *result = g_string_new (NULL);

  for (guint i = 0;; i++)
    {
      gsize literal = strcspn (phrase, "%");

      g_string_append_len (result, phrase, (gssize) literal);
      phrase += literal;
      if (*phrase == '\0' || i >= parts->len)
        break;
      g_string_append (result, g_ptr_array_index (parts, i));
      phrase += conversion_length (phrase);
    }
  return g_string_free (result, FALSE);
}

char *
sighej_phrasebook_translate (const char *english)
{
  const char *known = *english != '\0' ? _ (english) : "";

  if (*known != '\0' && known != english)
    return g_strdup (known);
  for (guint i = 0; i < G_N_ELEMENTS (phrases); i++)
    {
      g_autoptr (GPtrArray) parts = NULL;

      if (strchr (phrases[i], '%') == NULL || _ (phrases[i]) == phrases[i])
        continue;
      parts = take_apart (phrases[i], english);
      if (parts != NULL)
        return put_together (_ (phrases[i]), parts);
    }
  return g_strdup (english);
}
