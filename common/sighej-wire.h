/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-json.h"
#include "sighej-token-schedule.h"
#include "sighej-wire-meet.h"

G_BEGIN_DECLS

/*
 * The backend's contract (DESIGN 4), message by message: a struct, one function that reads it
 * and one that writes it. Daemon and backend share these and nothing else. Readers take bytes
 * from outside, go through sighej_json_parse_object(), check type, range and length of all they
 * use, ignore members they do not know (additions are additive), and fail with
 * SIGHEJ_ERROR_INVALID_REQUEST or SIGHEJ_ERROR_INVALID_INTEREST naming the member.
 * Writers give compact UTF-8 JSON, (transfer full).
 */

#define SIGHEJ_WIRE_BODY_BYTES_MAX (16 * 1024)
#define SIGHEJ_WIRE_MESSAGE_BYTES_MAX 4096
#define SIGHEJ_WIRE_TOKEN_CHARS_MAX 64
#define SIGHEJ_WIRE_INTERESTS_MAX 20
#define SIGHEJ_WIRE_INTEREST_CHARS_MAX 40
#define SIGHEJ_WIRE_SHARED_MAX 5
#define SIGHEJ_WIRE_RETRY_SECONDS_MAX 86400
#define SIGHEJ_OPENING_ID_BYTES 16
#define SIGHEJ_AVOID_TAGS 64 /* of a session: always as many, whoever is avoided */
#define SIGHEJ_AVOID_TAG_BYTES 16
#define SIGHEJ_UUID_CHARS 36

/* 1–64 of [A-Za-z0-9_-]. */
gboolean sighej_wire_is_token (const char *text);

/* ---- POST /session ---- */
typedef struct
{
  char ble_token[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
  GStrv interests; /* as sent but trimmed; 1–20, each 1–40 printable characters */
  gboolean has_seed;
  guint8 token_seed[SIGHEJ_SEED_BYTES];
  gboolean has_public_key;
  guint8 public_key[SIGHEJ_PUBLIC_KEY_BYTES];
  gboolean has_opening_id;
  guint8 opening_id[SIGHEJ_OPENING_ID_BYTES];
  gboolean has_avoid;
  guint8 avoid[SIGHEJ_AVOID_TAGS][SIGHEJ_AVOID_TAG_BYTES];
  guint expires_in_s; /* 0: not given; reader takes 300 to 7200 */
} SighejWireSessionRequest;
SighejWireSessionRequest *
sighej_wire_session_request_read (const char *data, gsize n_bytes, GError **error);
char *sighej_wire_session_request_write (const SighejWireSessionRequest *self);
void sighej_wire_session_request_free (SighejWireSessionRequest *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWireSessionRequest, sighej_wire_session_request_free)

typedef struct
{
  char session_id[SIGHEJ_UUID_CHARS + 1];
  gint64 expires_at_us; /* wall clock, whole seconds on the wire */
  char *session_secret; /* (nullable): absent in legacy mode */
} SighejWireSessionAnswer;
SighejWireSessionAnswer *
sighej_wire_session_answer_read (const char *data, gsize n_bytes, GError **error);
char *sighej_wire_session_answer_write (const SighejWireSessionAnswer *self);
void sighej_wire_session_answer_free (SighejWireSessionAnswer *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWireSessionAnswer, sighej_wire_session_answer_free)

/* ---- POST /match ---- */
typedef struct
{
  char own_token[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
  char detected_token[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
} SighejWireMatchRequest;
gboolean sighej_wire_match_request_read (const char *data,
                                         gsize n_bytes,
                                         SighejWireMatchRequest *out,
                                         GError **error);
/* @shared: (nullable) (array zero-terminated) */
char *
sighej_wire_match_answer_write (gboolean match, const char *const *shared, gboolean nudge_sent);

/* ---- WebSocket, client to server ---- */
typedef enum
{
  SIGHEJ_WIRE_AUTH,     /* {"type":"auth","secret":"…"} */
  SIGHEJ_WIRE_SIGHTING, /* {"type":"sighting","id":3,"detected_token":"…"} */
  SIGHEJ_WIRE_ACK,      /* {"type":"ack","seq":7} */
  SIGHEJ_WIRE_RESUME,   /* {"type":"resume","after":6} */
  SIGHEJ_WIRE_PING,     /* {"type":"ping"}, answered by {"type":"pong"} */
  SIGHEJ_WIRE_ASK_MEET, /* the rest is read by sighej_wire_meet_read() */
  SIGHEJ_WIRE_ASK_CODE, /* by sighej_wire_code_request_read() */
  SIGHEJ_WIRE_ASK_PAIR, /* by sighej_wire_pair_request_read() */
} SighejWireClientType;

typedef struct
{
  SighejWireClientType type;
  guint64 number; /* id, seq or after; 0 to 2^53 - 1 */
  char detected_token[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
  char secret[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
} SighejWireClientMessage;
/* Of the last three only the id is read here, so that what is wrong with the rest can be answered;
 * they are written by the functions of sighej-wire-meet.h. */
gboolean sighej_wire_client_message_read (const char *data,
                                          gsize n_bytes,
                                          SighejWireClientMessage *out,
                                          GError **error);
char *sighej_wire_client_message_write (const SighejWireClientMessage *self);

/* ---- WebSocket, server to client ---- */
typedef enum
{
  SIGHEJ_WIRE_NUDGE,
  SIGHEJ_WIRE_SNAPSHOT, /* {"type":"snapshot","state":"active","expires_at":"…","seq":N} */
  SIGHEJ_WIRE_SESSION,  /* {"type":"session","state":"expired"} */
  SIGHEJ_WIRE_SIGHTING_RESULT,
  SIGHEJ_WIRE_ERROR, /* {"type":"error","code":"rate_limited","message":"…","retry_after":3} */
  SIGHEJ_WIRE_PONG,
  SIGHEJ_WIRE_MEET_RESULT,
  SIGHEJ_WIRE_MEET,
  SIGHEJ_WIRE_TALK,
  SIGHEJ_WIRE_CODE,
  SIGHEJ_WIRE_PAIR,   /* to who joined */
  SIGHEJ_WIRE_PAIRED, /* to who made the code */
} SighejWireServerType;

typedef struct
{
  SighejWireServerType type;
  char nudge_id[33]; /* NUDGE: 32 hex digits */
  guint64 seq; /* NUDGE: 1 and up per session; SNAPSHOT: newest seq; SIGHTING_RESULT: its id */
  GStrv shared_interests; /* NUDGE, SIGHTING_RESULT: at most 5 */
  char *message;          /* NUDGE, ERROR */
  char *state;            /* SNAPSHOT, SESSION: "active", "expired", "ended" */
  gint64 expires_at_us;   /* SNAPSHOT */
  char *code;             /* ERROR */
  guint retry_after_s;    /* ERROR: when to try again, 1 to 86,400 s; 0: not said */
  gboolean match;         /* SIGHTING_RESULT */
  gboolean nudge_sent;    /* SIGHTING_RESULT */
  char *ticket;           /* (nullable): NUDGE: for wave, resume, block and report */
  gboolean has_peer_key;  /* NUDGE */
  guint8 peer_key[SIGHEJ_PEER_KEY_BYTES];
  SighejWireMeetResult *result; /* MEET_RESULT */
  SighejWireMeetState *meet;    /* MEET */
  SighejWireTalk *talk;         /* TALK */
  SighejWireCode *pair_code;    /* CODE */
  SighejWirePaired *paired;     /* PAIR, PAIRED */
} SighejWireServerMessage;
/* A type this version does not know is SIGHEJ_ERROR_NOT_SUPPORTED: ignore such a message. */
SighejWireServerMessage *
sighej_wire_server_message_read (const char *data, gsize n_bytes, GError **error);
char *sighej_wire_server_message_write (const SighejWireServerMessage *self);
/* The same behind what is in @out, for who writes many: no memory once @out has grown. */
void sighej_wire_server_message_append (const SighejWireServerMessage *self, GString *out);
void sighej_wire_server_message_free (SighejWireServerMessage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWireServerMessage, sighej_wire_server_message_free)

/* "Someone nearby shares your interest in devops and hardstyle." One to five labels. */
char *sighej_wire_nudge_sentence (const char *const *shared);

/* WebSocket close codes of our own (RFC 6455 section 7.4.2). */
typedef enum
{
  SIGHEJ_WIRE_CLOSE_UNAUTHORIZED = 4401,
  SIGHEJ_WIRE_CLOSE_NO_SESSION = 4404,
  SIGHEJ_WIRE_CLOSE_SLOW = 4008,
  SIGHEJ_WIRE_CLOSE_DISPLACED = 4409,
  SIGHEJ_WIRE_CLOSE_EXPIRED = 4410,
} SighejWireClose;

G_END_DECLS
