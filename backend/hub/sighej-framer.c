/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-framer"

#include "config.h"

#include "sighej-framer.h"

#include <string.h>

#define BIT_FINAL 0x80
#define BITS_RESERVED 0x70
#define BITS_OPCODE 0x0f
#define BIT_MASKED 0x80
#define BITS_LENGTH 0x7f
#define LENGTH_IS_16 126
#define LENGTH_IS_64 127
#define MASK_BYTES 4

typedef struct
{
  gboolean final;
  guint8 opcode;
  guint8 mask[MASK_BYTES];
  guint64 n_payload;
  gsize n_header;
} Header;

static SighejFramerEvent
fail (SighejFramerResult *result, guint close_code)
{
  result->close_code = close_code;
  return SIGHEJ_FRAMER_ERROR;
}

static gboolean
is_control (guint8 opcode)
{
  return (opcode & 0x8) != 0;
}

static gboolean
is_known (guint8 opcode)
{
  return opcode <= SIGHEJ_WS_BINARY || (opcode >= SIGHEJ_WS_CLOSE && opcode <= SIGHEJ_WS_PONG);
}

/* RFC 6455 section 5.2: what the first two bytes alone show to be wrong. */
static guint
check_start (const guint8 *data)
{
  guint8 opcode = data[0] & BITS_OPCODE;

  if ((data[0] & BITS_RESERVED) != 0 || !is_known (opcode) || (data[1] & BIT_MASKED) == 0)
    return SIGHEJ_WS_CLOSE_PROTOCOL_ERROR;
  if (is_control (opcode)
      && ((data[0] & BIT_FINAL) == 0 || (data[1] & BITS_LENGTH) > SIGHEJ_FRAMER_CONTROL_BYTES_MAX))
    return SIGHEJ_WS_CLOSE_PROTOCOL_ERROR;
  return 0;
}

static guint64
read_big_endian (const guint8 *data, guint n_bytes)
{
  guint64 value = 0;

  for (guint i = 0; i < n_bytes; i++)
    value = value << 8 | data[i];
  return value;
}

/* Returns: FALSE when more bytes are needed; close_code set when the header is wrong. */
static gboolean
read_header (const guint8 *data, gsize n_data, Header *header, guint *close_code)
{
  guint short_length, n_length;

  *close_code = 0;
  if (n_data < 2)
    return FALSE;
  *close_code = check_start (data);
  if (*close_code != 0)
    return TRUE;

  short_length = data[1] & BITS_LENGTH;
  n_length = short_length == LENGTH_IS_16 ? 2 : short_length == LENGTH_IS_64 ? 8 : 0;
  header->n_header = 2 + n_length + MASK_BYTES;
  if (n_data < header->n_header)
    return FALSE;

  header->final = (data[0] & BIT_FINAL) != 0;
  header->opcode = data[0] & BITS_OPCODE;
  header->n_payload = n_length == 0 ? short_length : read_big_endian (data + 2, n_length);
  memcpy (header->mask, data + 2 + n_length, MASK_BYTES);
  /* The shortest form must be used, and the top bit of 64 must be clear (section 5.2). */
  if ((n_length == 2 && header->n_payload < LENGTH_IS_16)
      || (n_length == 8 && (header->n_payload <= G_MAXUINT16 || header->n_payload >> 63 != 0)))
    *close_code = SIGHEJ_WS_CLOSE_PROTOCOL_ERROR;
  else if (header->n_payload > SIGHEJ_FRAMER_MESSAGE_BYTES_MAX)
    *close_code = SIGHEJ_WS_CLOSE_TOO_BIG;
  return TRUE;
}

static void
unmask (guint8 *payload, gsize n_payload, const guint8 mask[MASK_BYTES])
{
  gsize at = 0;
  guint64 word;

  memcpy (&word, mask, MASK_BYTES);
  memcpy ((guint8 *) &word + MASK_BYTES, mask, MASK_BYTES);
  for (; at + sizeof word <= n_payload; at += sizeof word)
    {
      guint64 part;

      memcpy (&part, payload + at, sizeof part);
      part ^= word;
      memcpy (payload + at, &part, sizeof part);
    }
  for (; at < n_payload; at++)
    payload[at] ^= mask[at % MASK_BYTES];
}

/* Nearly everything that is said is ASCII without a NUL, which is UTF-8. */
static gboolean
is_text (const guint8 *data, gsize n_data)
{
  guint8 high = 0;
  gboolean has_nul = FALSE;

  for (gsize i = 0; i < n_data; i++)
    {
      high |= data[i];
      has_nul |= data[i] == 0;
    }
  return ((high & 0x80) == 0 && !has_nul)
         || g_utf8_validate_len ((const char *) data, n_data, NULL);
}

/* RFC 6455 section 7.4: which codes may stand in a close frame. */
static gboolean
is_close_code (guint code)
{
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006)
         || (code >= 3000 && code <= 4999);
}

static SighejFramerEvent
take_close (const guint8 *payload, gsize n_payload, SighejFramerResult *result)
{
  if (n_payload == 0)
    {
      result->close_code = SIGHEJ_WS_CLOSE_NO_STATUS;
      return SIGHEJ_FRAMER_CLOSE;
    }
  if (n_payload == 1)
    return fail (result, SIGHEJ_WS_CLOSE_PROTOCOL_ERROR);
  result->close_code = (guint) read_big_endian (payload, 2);
  if (!is_close_code (result->close_code))
    return fail (result, SIGHEJ_WS_CLOSE_PROTOCOL_ERROR);
  if (!g_utf8_validate_len ((const char *) payload + 2, n_payload - 2, NULL))
    return fail (result, SIGHEJ_WS_CLOSE_BAD_DATA);
  return SIGHEJ_FRAMER_CLOSE;
}

static SighejFramerEvent
take_control (guint8 opcode, const guint8 *payload, gsize n_payload, SighejFramerResult *result)
{
  result->data = payload;
  result->n_data = n_payload;
  if (opcode == SIGHEJ_WS_CLOSE)
    return take_close (payload, n_payload, result);
  return opcode == SIGHEJ_WS_PING ? SIGHEJ_FRAMER_PING : SIGHEJ_FRAMER_PONG;
}

static SighejFramerEvent
take_message (guint8 opcode, const guint8 *data, gsize n_data, SighejFramerResult *result)
{
  if (opcode == SIGHEJ_WS_BINARY)
    return fail (result, SIGHEJ_WS_CLOSE_UNSUPPORTED);
  if (!is_text (data, n_data))
    return fail (result, SIGHEJ_WS_CLOSE_BAD_DATA);
  result->data = data;
  result->n_data = n_data;
  return SIGHEJ_FRAMER_MESSAGE;
}

static gboolean
keep_fragment (SighejFramer *self, const guint8 *payload, gsize n_payload)
{
  if (self->n_fragments + n_payload > SIGHEJ_FRAMER_MESSAGE_BYTES_MAX)
    return FALSE;
  if (self->fragments == NULL)
    self->fragments = g_malloc (SIGHEJ_FRAMER_MESSAGE_BYTES_MAX);
  memcpy (self->fragments + self->n_fragments, payload, n_payload);
  self->n_fragments += n_payload;
  return TRUE;
}

/* A fragment may cut a character, but what is wrong before its end stays wrong. */
static gboolean
begins_as_text (const guint8 *data, gsize n_data)
{
  const char *text = (const char *) data;
  const char *end;

  return g_utf8_validate_len (text, n_data, &end)
         || g_utf8_get_char_validated (end, (gssize) n_data - (end - text)) == (gunichar) -2;
}

static SighejFramerEvent
take_data (SighejFramer *self,
           const Header *header,
           const guint8 *payload,
           SighejFramerResult *result)
{
  gboolean continues = header->opcode == SIGHEJ_WS_CONTINUATION;

  if (continues != (self->fragments != NULL))
    return fail (result, SIGHEJ_WS_CLOSE_PROTOCOL_ERROR);
  if (!continues && header->final)
    return take_message (header->opcode, payload, header->n_payload, result);

  if (!continues)
    self->opcode = header->opcode;
  if (!keep_fragment (self, payload, header->n_payload))
    return fail (result, SIGHEJ_WS_CLOSE_TOO_BIG);
  if (!header->final)
    return self->opcode != SIGHEJ_WS_TEXT || begins_as_text (self->fragments, self->n_fragments)
               ? SIGHEJ_FRAMER_FRAME
               : fail (result, SIGHEJ_WS_CLOSE_BAD_DATA);
  return take_message (self->opcode, self->fragments, self->n_fragments, result);
}

/* The last message was made of fragments, and the caller has seen it. */
static void
drop_seen_message (SighejFramer *self)
{
  if (self->opcode == SIGHEJ_WS_CLOSE)
    sighej_framer_clear (self);
}

SighejFramerEvent
sighej_framer_next (SighejFramer *self, guint8 *data, gsize n_data, SighejFramerResult *result)
{
  Header header;
  guint8 *payload;
  guint close_code;
  SighejFramerEvent event;

  *result = (SighejFramerResult){ 0 };
  drop_seen_message (self);
  if (!read_header (data, n_data, &header, &close_code))
    return SIGHEJ_FRAMER_MORE;
  if (close_code != 0)
    return fail (result, close_code);
  if (n_data - header.n_header < header.n_payload)
    return SIGHEJ_FRAMER_MORE;

  payload = data + header.n_header;
  unmask (payload, header.n_payload, header.mask);
  result->consumed = header.n_header + header.n_payload;
  if (is_control (header.opcode))
    return take_control (header.opcode, payload, header.n_payload, result);
  event = take_data (self, &header, payload, result);
  /* The text lives in our fragments until the next call: mark it seen. */
  if (event == SIGHEJ_FRAMER_MESSAGE && self->fragments != NULL)
    self->opcode = SIGHEJ_WS_CLOSE;
  return event;
}

void
sighej_framer_clear (SighejFramer *self)
{
  g_clear_pointer (&self->fragments, g_free);
  self->n_fragments = 0;
  self->opcode = 0;
}

guint
sighej_framer_write_header (SighejWsOpcode opcode,
                            gsize n_payload,
                            guint8 out[SIGHEJ_FRAMER_OUT_HEADER_BYTES_MAX])
{
  g_assert (n_payload <= G_MAXUINT16);
  out[0] = BIT_FINAL | opcode;
  if (n_payload < LENGTH_IS_16)
    {
      out[1] = (guint8) n_payload;
      return 2;
    }
  out[1] = LENGTH_IS_16;
  out[2] = (guint8) (n_payload >> 8);
  out[3] = (guint8) n_payload;
  return 4;
}

gsize
sighej_framer_measure (const guint8 *data)
{
  if (data[1] != LENGTH_IS_16)
    return 2 + (gsize) data[1];
  return 4 + (gsize) read_big_endian (data + 2, 2);
}
