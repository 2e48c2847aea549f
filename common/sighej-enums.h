/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/*
 * The words of the D-Bus API and the command line. The nick glib-mkenums gives each
 * value ("quiet-hours") is the word itself; sighej_enum_to_nick() and
 * sighej_enum_from_nick() translate.
 */

/**
 * SighejState:
 * @SIGHEJ_STATE_OFF: nothing on air, no session
 * @SIGHEJ_STATE_OPENING: asked to open; session or advertisement not there yet
 * @SIGHEJ_STATE_OPEN: token on air, scanning, session live
 * @SIGHEJ_STATE_PAUSED: silent because the person (or the machine for her) said so
 * @SIGHEJ_STATE_WAITING: wants to be open, something stands in the way: see the reason
 * @SIGHEJ_STATE_CLOSING: asked to close; advertisement or session not yet gone
 */
typedef enum
{
  SIGHEJ_STATE_OFF,
  SIGHEJ_STATE_OPENING,
  SIGHEJ_STATE_OPEN,
  SIGHEJ_STATE_PAUSED,
  SIGHEJ_STATE_WAITING,
  SIGHEJ_STATE_CLOSING,
} SighejState;

/**
 * SighejReason:
 *
 * Why the state is not `open` (INTERFACES 2.2). NONE has the word "".
 */
typedef enum
{
  SIGHEJ_REASON_NONE,
  SIGHEJ_REASON_USER,
  SIGHEJ_REASON_EXPIRED,
  SIGHEJ_REASON_LOCKED,
  SIGHEJ_REASON_SUSPENDED,
  SIGHEJ_REASON_INHIBITED,
  SIGHEJ_REASON_QUIET_HOURS,
  SIGHEJ_REASON_BLUETOOTH_OFF,
  SIGHEJ_REASON_BLUETOOTH_MISSING,
  SIGHEJ_REASON_BLUETOOTH_LOST,
  SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT,
  SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD,
  SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED,
  SIGHEJ_REASON_BLUETOOTH_DENIED,
  SIGHEJ_REASON_RADIO_STALLED,
  SIGHEJ_REASON_SCAN_CONFLICT,
  SIGHEJ_REASON_PRIVACY_BLOCKED,
  SIGHEJ_REASON_BACKEND_UNSET,
  SIGHEJ_REASON_BACKEND_OFFLINE,
  SIGHEJ_REASON_BACKEND_REFUSED,
  SIGHEJ_REASON_RATE_LIMITED,
  SIGHEJ_REASON_POLICY,
} SighejReason;

/**
 * SighejBand:
 * @SIGHEJ_BAND_GONE: not heard any more
 * @SIGHEJ_BAND_AROUND: heard, "far" of BLE 7
 * @SIGHEJ_BAND_NEAR: about 2 m
 * @SIGHEJ_BAND_HERE: about 1 m, "immediate" of BLE 7
 *
 * How close a heard token is, never in metres. Ordered: a larger value is closer.
 */
typedef enum
{
  SIGHEJ_BAND_GONE,
  SIGHEJ_BAND_AROUND,
  SIGHEJ_BAND_NEAR,
  SIGHEJ_BAND_HERE,
} SighejBand;

/**
 * SighejDirection:
 *
 * Which way another person is, as far as it is known. NONE has the word "none".
 */
typedef enum
{
  SIGHEJ_DIRECTION_NONE,
  SIGHEJ_DIRECTION_N,
  SIGHEJ_DIRECTION_NE,
  SIGHEJ_DIRECTION_E,
  SIGHEJ_DIRECTION_SE,
  SIGHEJ_DIRECTION_S,
  SIGHEJ_DIRECTION_SW,
  SIGHEJ_DIRECTION_W,
  SIGHEJ_DIRECTION_NW,
} SighejDirection;

/**
 * SighejDistance:
 * @SIGHEJ_DISTANCE_BESIDE: at most 15 m
 * @SIGHEJ_DISTANCE_NEAR: at most 50 m
 * @SIGHEJ_DISTANCE_IN_SIGHT: at most 200 m
 * @SIGHEJ_DISTANCE_WALK: at most 1 km
 * @SIGHEJ_DISTANCE_FAR: more
 *
 * How far another person is who shows where she is; never in metres.
 */
typedef enum
{
  SIGHEJ_DISTANCE_BESIDE,
  SIGHEJ_DISTANCE_NEAR,
  SIGHEJ_DISTANCE_IN_SIGHT,
  SIGHEJ_DISTANCE_WALK,
  SIGHEJ_DISTANCE_FAR,
} SighejDistance;

/**
 * SighejPrivacy:
 *
 * What the air gives away about the adapter (BLE 4).
 */
typedef enum
{
  SIGHEJ_PRIVACY_UNKNOWN,
  SIGHEJ_PRIVACY_PRIVATE,
  SIGHEJ_PRIVACY_GUARDED,
  SIGHEJ_PRIVACY_LINKABLE,
  SIGHEJ_PRIVACY_BLOCKED,
} SighejPrivacy;

/**
 * SighejBluetooth:
 *
 * The word of Manager1.Bluetooth.
 */
typedef enum
{
  SIGHEJ_BLUETOOTH_READY,
  SIGHEJ_BLUETOOTH_OFF,
  SIGHEJ_BLUETOOTH_MISSING,
  SIGHEJ_BLUETOOTH_BLOCKED_SOFT,
  SIGHEJ_BLUETOOTH_BLOCKED_HARD,
  SIGHEJ_BLUETOOTH_UNSUPPORTED,
  SIGHEJ_BLUETOOTH_DENIED,
} SighejBluetooth;

/**
 * SighejBackendState:
 * @SIGHEJ_BACKEND_STATE_OFFLINE: not connected (also when nothing is wanted of it, or none is set)
 * @SIGHEJ_BACKEND_STATE_CONNECTING: asking for a session or opening the WebSocket
 * @SIGHEJ_BACKEND_STATE_ONLINE: session accepted and WebSocket open
 * @SIGHEJ_BACKEND_STATE_REFUSED: the backend said no for good; retried rarely
 *
 * The word of Manager1.Backend.
 */
typedef enum
{
  SIGHEJ_BACKEND_STATE_OFFLINE,
  SIGHEJ_BACKEND_STATE_CONNECTING,
  SIGHEJ_BACKEND_STATE_ONLINE,
  SIGHEJ_BACKEND_STATE_REFUSED,
} SighejBackendState;

/**
 * SighejNudgeState:
 * @SIGHEJ_NUDGE_STATE_NEW: nothing was said to it yet
 * @SIGHEJ_NUDGE_STATE_WAVED: we waved; whether they did nobody is told
 * @SIGHEJ_NUDGE_STATE_MUTUAL: both waved: there is a meet
 * @SIGHEJ_NUDGE_STATE_EXPIRED: nobody said anything in time
 * @SIGHEJ_NUDGE_STATE_GONE: put away, or the opening ended
 *
 * The word of Nudge1.State.
 */
typedef enum
{
  SIGHEJ_NUDGE_STATE_NEW,
  SIGHEJ_NUDGE_STATE_WAVED,
  SIGHEJ_NUDGE_STATE_MUTUAL,
  SIGHEJ_NUDGE_STATE_EXPIRED,
  SIGHEJ_NUDGE_STATE_GONE,
} SighejNudgeState;

/**
 * SighejMeetState:
 * @SIGHEJ_MEET_STATE_AGREED: both waved
 * @SIGHEJ_MEET_STATE_FINDING: a spot is named, or one of them says to be there
 * @SIGHEJ_MEET_STATE_HERE: both are there
 * @SIGHEJ_MEET_STATE_MET: both say that they met
 * @SIGHEJ_MEET_STATE_ENDED: over, whoever ended it and why
 * @SIGHEJ_MEET_STATE_EXPIRED: its time is over; a word of the daemon, the backend says ended
 *
 * The word of Meet1.State.
 */
typedef enum
{
  SIGHEJ_MEET_STATE_AGREED,
  SIGHEJ_MEET_STATE_FINDING,
  SIGHEJ_MEET_STATE_HERE,
  SIGHEJ_MEET_STATE_MET,
  SIGHEJ_MEET_STATE_ENDED,
  SIGHEJ_MEET_STATE_EXPIRED,
} SighejMeetState;

/**
 * SighejMeetTrust:
 * @SIGHEJ_MEET_TRUST_UNKNOWN: the other side's key is not proved yet
 * @SIGHEJ_MEET_TRUST_VERIFIED: it belongs to a token our own radio heard
 * @SIGHEJ_MEET_TRUST_PHRASE: paired by code: both compare the phrase
 * @SIGHEJ_MEET_TRUST_BROKEN: it is not the one heard here, or the talk was tampered with
 *
 * The word of Meet1.Trust.
 */
typedef enum
{
  SIGHEJ_MEET_TRUST_UNKNOWN,
  SIGHEJ_MEET_TRUST_VERIFIED,
  SIGHEJ_MEET_TRUST_PHRASE,
  SIGHEJ_MEET_TRUST_BROKEN,
} SighejMeetTrust;

/**
 * SighejReportReason:
 *
 * Why somebody reports another: the word on the wire, on D-Bus and of `sighej-backend reports`.
 */
typedef enum
{
  SIGHEJ_REPORT_REASON_SPAM,
  SIGHEJ_REPORT_REASON_HARASSMENT,
  SIGHEJ_REPORT_REASON_FAKE,
  SIGHEJ_REPORT_REASON_UNDERAGE,
  SIGHEJ_REPORT_REASON_DANGER,
  SIGHEJ_REPORT_REASON_OTHER,
} SighejReportReason;

/**
 * SighejMeetSharing:
 * @SIGHEJ_MEET_SHARING_OFF: we do not want to show where we are; their yes alone is told nobody
 * @SIGHEJ_MEET_SHARING_ASKED: we do, they have not said yes
 * @SIGHEJ_MEET_SHARING_ON: both do
 *
 * The word of Meet1.Sharing.
 */
typedef enum
{
  SIGHEJ_MEET_SHARING_OFF,
  SIGHEJ_MEET_SHARING_ASKED,
  SIGHEJ_MEET_SHARING_ON,
} SighejMeetSharing;

/**
 * SighejMeetMark:
 * @SIGHEJ_MEET_MARK_WAITING: ours, not taken by the backend yet
 * @SIGHEJ_MEET_MARK_SENT: ours, on its way
 * @SIGHEJ_MEET_MARK_DELIVERED: the other machine has it; theirs: this one has
 * @SIGHEJ_MEET_MARK_SEEN: the person there has seen it; theirs: this person has
 *
 * What became of a message. Ordered: a larger value is further.
 */
typedef enum
{
  SIGHEJ_MEET_MARK_WAITING,
  SIGHEJ_MEET_MARK_SENT,
  SIGHEJ_MEET_MARK_DELIVERED,
  SIGHEJ_MEET_MARK_SEEN,
} SighejMeetMark;

/**
 * SighejMeetProblem:
 * @SIGHEJ_MEET_PROBLEM_NONE: none; its word is ""
 * @SIGHEJ_MEET_PROBLEM_KEY_UNHEARD: the other side's key is not one that was heard here
 * @SIGHEJ_MEET_PROBLEM_KEY_CHANGED: nor the one promised with the pairing code
 * @SIGHEJ_MEET_PROBLEM_KEY_UNUSABLE: it is no key
 * @SIGHEJ_MEET_PROBLEM_MESSAGE_CHANGED: a message does not open
 * @SIGHEJ_MEET_PROBLEM_MESSAGE_REPEATED: one came a second time
 * @SIGHEJ_MEET_PROBLEM_MESSAGE_MISSING: one is missing, or came too early
 * @SIGHEJ_MEET_PROBLEM_MESSAGE_GARBLED: one opens and is none
 * @SIGHEJ_MEET_PROBLEM_BACKEND_FALSE: the backend claims what was never sent
 * @SIGHEJ_MEET_PROBLEM_LOCATION_MISSING: no location service
 * @SIGHEJ_MEET_PROBLEM_LOCATION_DENIED: it refuses
 * @SIGHEJ_MEET_PROBLEM_LOCATION_FAILED: it broke
 * @SIGHEJ_MEET_PROBLEM_LOCATION_UNKNOWN: it has found nothing for a minute, and goes on
 *
 * The word of Meet1.Problem: up to BACKEND_FALSE why the trust is broken, then why this machine has
 * no position to show.
 */
typedef enum
{
  SIGHEJ_MEET_PROBLEM_NONE,
  SIGHEJ_MEET_PROBLEM_KEY_UNHEARD,
  SIGHEJ_MEET_PROBLEM_KEY_CHANGED,
  SIGHEJ_MEET_PROBLEM_KEY_UNUSABLE,
  SIGHEJ_MEET_PROBLEM_MESSAGE_CHANGED,
  SIGHEJ_MEET_PROBLEM_MESSAGE_REPEATED,
  SIGHEJ_MEET_PROBLEM_MESSAGE_MISSING,
  SIGHEJ_MEET_PROBLEM_MESSAGE_GARBLED,
  SIGHEJ_MEET_PROBLEM_BACKEND_FALSE,
  SIGHEJ_MEET_PROBLEM_LOCATION_MISSING,
  SIGHEJ_MEET_PROBLEM_LOCATION_DENIED,
  SIGHEJ_MEET_PROBLEM_LOCATION_FAILED,
  SIGHEJ_MEET_PROBLEM_LOCATION_UNKNOWN,
} SighejMeetProblem;

const char *sighej_enum_to_nick (GType type, int value);
gboolean sighej_enum_from_nick (GType type, const char *nick, int *value);

/* The word of a reason, of a meet's problem on D-Bus: "" for NONE. */
const char *sighej_reason_to_word (SighejReason reason);
const char *sighej_meet_problem_to_word (SighejMeetProblem problem);

/* The word of Manager1.Bluetooth that goes with a radio's trouble. */
SighejBluetooth sighej_reason_to_bluetooth (SighejReason reason);

G_END_DECLS
