/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "sighej-enums.h"
#include "sighej-position.h"

G_BEGIN_DECLS

/*
 * What two people who were nudged say to each other over the backend (docs/protocol.md,
 * "Meets"). The daemon sends SighejWireMeet, SighejWireCodeRequest and SighejWirePairRequest;
 * every one has an id and is answered by that id. What the backend sends comes through
 * sighej_wire_server_message_read(), which carries the structs below.
 *
 * Readers and writers keep the rules of sighej-wire.h: strict, at most
 * SIGHEJ_WIRE_MESSAGE_BYTES_MAX, unknown members ignored, %SIGHEJ_ERROR_INVALID_REQUEST naming
 * the member. They judge the form only; whether a position can be true, or an act makes sense, is
 * the meeting's matter.
 */

#define SIGHEJ_NUDGE_ID_CHARS 32
#define SIGHEJ_WIRE_TICKET_CHARS_MAX 256
#define SIGHEJ_WIRE_TALK_BYTES_MAX 2100 /* of a body, before base64url */
#define SIGHEJ_WIRE_SPOTS 8
#define SIGHEJ_WIRE_WORDS_MAX 65535 /* of a handle or cue */
#define SIGHEJ_WIRE_CODE_CHARS 12
#define SIGHEJ_WIRE_CODE_SECONDS_MAX 3600
#define SIGHEJ_PEER_KEY_BYTES 32 /* X25519 */
#define SIGHEJ_COMMIT_BYTES 32   /* SHA-256 */
#define SIGHEJ_PHRASE_NONCE_BYTES 16

/**
 * SighejMeetAct:
 * @SIGHEJ_MEET_WAVE: "wave": ticket, key, and when it was paired by code commit or nonce
 * @SIGHEJ_MEET_WITHDRAW: "withdraw": takes a wave back that was not answered
 * @SIGHEJ_MEET_RESUME: "resume": ticket, after; this session speaks for its side from now on
 * @SIGHEJ_MEET_SPOT: "spot": spot
 * @SIGHEJ_MEET_HERE: "here": the person says so
 * @SIGHEJ_MEET_CLOSEST: "closest": five readings of the closest band within 12 s
 * @SIGHEJ_MEET_CONFIRM: "confirm": they met
 * @SIGHEJ_MEET_END: "end"
 * @SIGHEJ_MEET_SHARE: "share": on
 * @SIGHEJ_MEET_POSITION: "position": lat, lon, accuracy, taken
 * @SIGHEJ_MEET_SAY: "say": n, kind, body
 * @SIGHEJ_MEET_ACK: "ack": n
 * @SIGHEJ_MEET_BLOCK: "block": ticket; ends it
 * @SIGHEJ_MEET_REVEAL: "reveal": key, nonce; what the creator of a pairing code committed to
 * @SIGHEJ_MEET_THERE: never on the wire: a socket that resumed it is there
 * @SIGHEJ_MEET_AWAY: never on the wire: that socket went
 *
 * What one side does to an encounter; its word on the wire and the members it needs.
 */
typedef enum
{
  SIGHEJ_MEET_WAVE,
  SIGHEJ_MEET_WITHDRAW,
  SIGHEJ_MEET_RESUME,
  SIGHEJ_MEET_SPOT,
  SIGHEJ_MEET_HERE,
  SIGHEJ_MEET_CLOSEST,
  SIGHEJ_MEET_CONFIRM,
  SIGHEJ_MEET_END,
  SIGHEJ_MEET_SHARE,
  SIGHEJ_MEET_POSITION,
  SIGHEJ_MEET_SAY,
  SIGHEJ_MEET_ACK,
  SIGHEJ_MEET_BLOCK,
  SIGHEJ_MEET_REVEAL,
  SIGHEJ_MEET_THERE,
  SIGHEJ_MEET_AWAY,
} SighejMeetAct;

/**
 * SighejTalkKind:
 * @SIGHEJ_TALK_TEXT: "text": the last or only part of a message of a person
 * @SIGHEJ_TALK_PART: "part": what comes before it
 * @SIGHEJ_TALK_NOTE: "note": everything else inside the talk
 */
typedef enum
{
  SIGHEJ_TALK_TEXT,
  SIGHEJ_TALK_PART,
  SIGHEJ_TALK_NOTE,
} SighejTalkKind;

/* {"type":"meet","id":7,"nudge":"<32 hex>","act":"wave",…}; which members are set: see the act. */
typedef struct
{
  guint64 id;
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  SighejMeetAct act;
  guint64 number; /* RESUME: after; SAY, ACK: n */
  guint spot;     /* SPOT: below SIGHEJ_WIRE_SPOTS */
  gboolean on;    /* SHARE */
  SighejTalkKind kind;
  GBytes *body; /* SAY: 1 to SIGHEJ_WIRE_TALK_BYTES_MAX bytes */
  SighejPosition position;
  char *ticket; /* WAVE, RESUME, BLOCK */
  gboolean has_public_key;
  guint8 public_key[SIGHEJ_PEER_KEY_BYTES]; /* WAVE, REVEAL */
  gboolean has_commit;
  guint8 commit[SIGHEJ_COMMIT_BYTES]; /* WAVE: optional */
  gboolean has_nonce;
  guint8 nonce[SIGHEJ_PHRASE_NONCE_BYTES]; /* REVEAL; WAVE: never on the wire */
} SighejWireMeet;
SighejWireMeet *sighej_wire_meet_read (const char *data, gsize n_bytes, GError **error);
char *sighej_wire_meet_write (const SighejWireMeet *self);
void sighej_wire_meet_free (SighejWireMeet *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWireMeet, sighej_wire_meet_free)

/* {"type":"code","id":3,"commit":"<64 hex>"} */
typedef struct
{
  guint64 id;
  guint8 commit[SIGHEJ_COMMIT_BYTES];
} SighejWireCodeRequest;
gboolean sighej_wire_code_request_read (const char *data,
                                        gsize n_bytes,
                                        SighejWireCodeRequest *out,
                                        GError **error);
char *sighej_wire_code_request_write (const SighejWireCodeRequest *self);

/* {"type":"pair","id":4,"code":"…","key":"…","nonce":"<32 hex>"} */
typedef struct
{
  guint64 id;
  char code[SIGHEJ_WIRE_CODE_CHARS + 1]; /* digits */
  guint8 public_key[SIGHEJ_PEER_KEY_BYTES];
  guint8 nonce[SIGHEJ_PHRASE_NONCE_BYTES];
} SighejWirePairRequest;
gboolean sighej_wire_pair_request_read (const char *data,
                                        gsize n_bytes,
                                        SighejWirePairRequest *out,
                                        GError **error);
char *sighej_wire_pair_request_write (const SighejWirePairRequest *self);

/* ---- server to client ---- */

/*
 * {"type":"meet_result","id":7,"ok":true} or, with ok false, code, message and perhaps retry_after.
 * Answers every meet message; code and pair messages when they fail.
 */
typedef struct
{
  guint64 id;
  gboolean ok;
  char *code;          /* not ok: "rate_limited", "not_found", "conflict", "invalid_request", … */
  char *message;       /* not ok */
  guint retry_after_s; /* 0: not said */
} SighejWireMeetResult;
void sighej_wire_meet_result_free (SighejWireMeetResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWireMeetResult, sighej_wire_meet_result_free)

/* The code of a meet_result for @error: the problem of the table of errors with "_" for "-". */
SighejWireMeetResult *sighej_wire_meet_result_new (guint64 id, const GError *error);
/* What such an answer means; %SIGHEJ_ERROR_FAILED for a code this version does not know. */
GError *sighej_wire_meet_result_to_error (const SighejWireMeetResult *self);

/*
 * {"type":"meet","nudge":"…","version":V,"state":"agreed",…}: the whole view of one side, sent
 * again whenever it changed. With state "ended" nothing but nudge, version and state is there.
 */
typedef struct
{
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  guint64 version;       /* grows; 0: there is no such meet */
  SighejMeetState state; /* never EXPIRED: the daemon's own word */
  guint handle;          /* of this side */
  guint peer_handle;     /* of the other */
  guint cue;             /* of both */
  int spot;              /* -1: none named */
  gboolean own_here;     /* said to be there, until the other says so more than 60 s later;
                          * TRUE of both in HERE */
  gboolean peer_here;    /* likewise */
  gboolean confirmed;    /* this side said that they met */
  gboolean own_share;    /* this side said yes to precise position */
  gboolean peer_share;   /* the other did; never before this side did: the same as sharing */
  gboolean sharing;      /* both did */
  gboolean peer_there;   /* the other's socket is there */
  guint expires_in_ms;   /* until it ends by itself */
  guint64 said;          /* the highest own n the server has; 0: none */
  gboolean has_position;
  SighejPosition position; /* of the other; taken_us is not sent: 0 */
  guint position_age_ms;
  gboolean has_peer_key;
  guint8 peer_key[SIGHEJ_PEER_KEY_BYTES];
  gboolean has_peer_nonce;
  guint8 peer_nonce[SIGHEJ_PHRASE_NONCE_BYTES]; /* paired by code: once it is revealed */
} SighejWireMeetState;
void sighej_wire_meet_state_free (SighejWireMeetState *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWireMeetState, sighej_wire_meet_state_free)

/* {"type":"talk","nudge":"…","n":5,"kind":"text","body":"<base64url>"} */
typedef struct
{
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  guint64 n; /* 1 and up */
  SighejTalkKind kind;
  GBytes *body;
} SighejWireTalk;
void sighej_wire_talk_free (SighejWireTalk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWireTalk, sighej_wire_talk_free)

/* {"type":"code","id":3,"code":"<12 digits>","expires_in":300} */
typedef struct
{
  guint64 id;
  char code[SIGHEJ_WIRE_CODE_CHARS + 1];
  guint expires_in_s;
} SighejWireCode;
void sighej_wire_code_free (SighejWireCode *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWireCode, sighej_wire_code_free)

/*
 * To the joiner: {"type":"pair","id":4,"nudge":"…","ticket":"…","commit":"…"}. To the creator of
 * the code: {"type":"paired","nudge":"…","ticket":"…","peer_key":"…","peer_nonce":"…"}.
 */
typedef struct
{
  guint64 id; /* the joiner's */
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  char *ticket;
  guint8 commit[SIGHEJ_COMMIT_BYTES];           /* the joiner's */
  guint8 peer_key[SIGHEJ_PEER_KEY_BYTES];       /* the creator's */
  guint8 peer_nonce[SIGHEJ_PHRASE_NONCE_BYTES]; /* the creator's */
} SighejWirePaired;
void sighej_wire_paired_free (SighejWirePaired *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWirePaired, sighej_wire_paired_free)

/*
 * The members of each, after "type": only sighej-wire.c uses these.
 * Returns: (transfer full) (nullable): NULL with @error set
 */
gboolean sighej_wire_dup_ticket (JsonObject *object, char **out, GError **error);
SighejWireMeetResult *sighej_wire_meet_result_take (JsonObject *object, GError **error);
SighejWireMeetState *sighej_wire_meet_state_take (JsonObject *object, GError **error);
SighejWireTalk *sighej_wire_talk_take (JsonObject *object, GError **error);
SighejWireCode *sighej_wire_code_take (JsonObject *object, GError **error);
SighejWirePaired *sighej_wire_paired_take (JsonObject *object, gboolean to_creator, GError **error);
void sighej_wire_meet_result_append (const SighejWireMeetResult *self, GString *out);
void sighej_wire_meet_state_append (const SighejWireMeetState *self, GString *out);
void sighej_wire_talk_append (const SighejWireTalk *self, GString *out);
void sighej_wire_code_append (const SighejWireCode *self, GString *out);
void sighej_wire_paired_append (const SighejWirePaired *self, gboolean to_creator, GString *out);

G_END_DECLS
