/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "sighej-framer.h"

static const guint8 mask[4] = { 0x37, 0xfa, 0x21, 0x3d };

/* A client's frame; @length_bytes 0, 2 or 8 chooses the form of the length. */
static GByteArray *
frame (guint8 first, const void *payload, gsize n_payload, guint length_bytes)
{
  GByteArray *out = g_byte_array_new ();
  guint8 second = 0x80 | (length_bytes == 0 ? (guint8) n_payload : length_bytes == 2 ? 126 : 127);

  g_byte_array_append (out, &first, 1);
  g_byte_array_append (out, &second, 1);
  for (guint i = length_bytes; i > 0; i--)
    {
      guint8 byte = (guint8) (n_payload >> (8 * (i - 1)));

      g_byte_array_append (out, &byte, 1);
    }
  g_byte_array_append (out, mask, sizeof mask);
  for (gsize i = 0; i < n_payload; i++)
    {
      guint8 byte = ((const guint8 *) payload)[i] ^ mask[i % 4];

      g_byte_array_append (out, &byte, 1);
    }
  return out;
}

static GByteArray *
text_frame (guint8 first, const char *text)
{
  gsize n_text = strlen (text);

  return frame (first, text, n_text, n_text < 126 ? 0 : 2);
}

static SighejFramerEvent
feed (SighejFramer *framer, GByteArray *bytes, SighejFramerResult *result)
{
  return sighej_framer_next (framer, bytes->data, bytes->len, result);
}

static void
test_message (void)
{
  SighejFramer framer = { 0 };
  SighejFramerResult result;
  g_autoptr (GByteArray) bytes = text_frame (0x81, "Hello");

  /* RFC 6455 section 5.7: the single-frame masked text message. */
  g_assert_cmpmem (bytes->data, bytes->len, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
  g_assert_cmpint (feed (&framer, bytes, &result), ==, SIGHEJ_FRAMER_MESSAGE);
  g_assert_cmpmem (result.data, result.n_data, "Hello", 5);
  g_assert_cmpuint (result.consumed, ==, 11);
  sighej_framer_clear (&framer);
}

static void
test_every_prefix_waits (void)
{
  g_autofree char *long_text = g_strnfill (300, 'x');
  g_autoptr (GByteArray) whole = text_frame (0x81, long_text);

  for (guint n = 0; n < whole->len; n++)
    {
      SighejFramer framer = { 0 };
      SighejFramerResult result;
      g_autofree guint8 *part = g_memdup2 (whole->data, n + 1);

      g_assert_cmpint (sighej_framer_next (&framer, part, n, &result), ==, SIGHEJ_FRAMER_MORE);
      g_assert_cmpuint (result.consumed, ==, 0);
    }
}

static void
test_fragments (void)
{
  SighejFramer framer = { 0 };
  SighejFramerResult result;
  g_autoptr (GByteArray) first = text_frame (0x01, "Hel");
  g_autoptr (GByteArray) ping = text_frame (0x89, "between");
  g_autoptr (GByteArray) empty = text_frame (0x00, "");
  g_autoptr (GByteArray) last = text_frame (0x80, "lo");
  g_autoptr (GByteArray) next = text_frame (0x81, "next");

  g_assert_cmpint (feed (&framer, first, &result), ==, SIGHEJ_FRAMER_FRAME);
  g_assert_cmpint (feed (&framer, ping, &result), ==, SIGHEJ_FRAMER_PING);
  g_assert_cmpmem (result.data, result.n_data, "between", 7);
  g_assert_cmpint (feed (&framer, empty, &result), ==, SIGHEJ_FRAMER_FRAME);
  g_assert_cmpint (feed (&framer, last, &result), ==, SIGHEJ_FRAMER_MESSAGE);
  g_assert_cmpmem (result.data, result.n_data, "Hello", 5);
  g_assert_cmpint (feed (&framer, next, &result), ==, SIGHEJ_FRAMER_MESSAGE);
  g_assert_cmpmem (result.data, result.n_data, "next", 4);
  g_assert_null (framer.fragments);
}

static void
assert_error (SighejFramer *framer, GByteArray *bytes, guint close_code)
{
  g_autoptr (GByteArray) owned = bytes;
  SighejFramerResult result;

  g_assert_cmpint (
      sighej_framer_next (framer, owned->data, owned->len, &result), ==, SIGHEJ_FRAMER_ERROR);
  g_assert_cmpuint (result.close_code, ==, close_code);
  sighej_framer_clear (framer);
}

static void
test_violations (void)
{
  SighejFramer framer = { 0 };
  g_autofree char *control = g_strnfill (126, 'x');
  GByteArray *unmasked = text_frame (0x81, "x");

  unmasked->data[1] &= 0x7f;
  assert_error (&framer, unmasked, SIGHEJ_WS_CLOSE_PROTOCOL_ERROR);
  /* reserved bits, among them the one of permessage-deflate */
  for (guint8 bit = 0x10; bit <= 0x40; bit <<= 1)
    assert_error (&framer, text_frame (0x81 | bit, "x"), SIGHEJ_WS_CLOSE_PROTOCOL_ERROR);
  /* unknown opcodes */
  for (guint8 opcode = 0x3; opcode <= 0xf; opcode++)
    if (opcode <= 0x7 || opcode >= 0xb)
      assert_error (&framer, text_frame (0x80 | opcode, "x"), SIGHEJ_WS_CLOSE_PROTOCOL_ERROR);
  /* control frames: fragmented, too long */
  assert_error (&framer, text_frame (0x09, "x"), SIGHEJ_WS_CLOSE_PROTOCOL_ERROR);
  assert_error (&framer, frame (0x89, control, 126, 2), SIGHEJ_WS_CLOSE_PROTOCOL_ERROR);
  /* a continuation of nothing */
  assert_error (&framer, text_frame (0x80, "x"), SIGHEJ_WS_CLOSE_PROTOCOL_ERROR);
  /* lengths that are not in their shortest form */
  assert_error (&framer, frame (0x81, "x", 1, 2), SIGHEJ_WS_CLOSE_PROTOCOL_ERROR);
  assert_error (&framer, frame (0x81, "x", 1, 8), SIGHEJ_WS_CLOSE_PROTOCOL_ERROR);
  assert_error (&framer, text_frame (0x82, "x"), SIGHEJ_WS_CLOSE_UNSUPPORTED);
  assert_error (&framer, text_frame (0x81, "\xc3"), SIGHEJ_WS_CLOSE_BAD_DATA);
}

static void
test_new_message_inside_another (void)
{
  SighejFramer framer = { 0 };
  SighejFramerResult result;
  g_autoptr (GByteArray) first = text_frame (0x01, "a");

  g_assert_cmpint (feed (&framer, first, &result), ==, SIGHEJ_FRAMER_FRAME);
  assert_error (&framer, text_frame (0x81, "b"), SIGHEJ_WS_CLOSE_PROTOCOL_ERROR);
}

static void
test_size_limit (void)
{
  SighejFramer framer = { 0 };
  SighejFramerResult result;
  g_autofree char *most = g_strnfill (SIGHEJ_FRAMER_MESSAGE_BYTES_MAX, 'x');
  g_autoptr (GByteArray) exact = text_frame (0x81, most);
  g_autoptr (GByteArray) half = text_frame (0x01, most);
  guint8 huge[] = { 0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0 };

  g_assert_cmpint (feed (&framer, exact, &result), ==, SIGHEJ_FRAMER_MESSAGE);
  g_assert_cmpuint (result.n_data, ==, SIGHEJ_FRAMER_MESSAGE_BYTES_MAX);
  /* refused from the header alone, before a byte of it has come */
  g_assert_cmpint (
      sighej_framer_next (&framer, huge, sizeof huge, &result), ==, SIGHEJ_FRAMER_ERROR);
  g_assert_cmpuint (result.close_code, ==, SIGHEJ_WS_CLOSE_TOO_BIG);
  /* the limit is for the message, not for the frame */
  g_assert_cmpint (feed (&framer, half, &result), ==, SIGHEJ_FRAMER_FRAME);
  assert_error (&framer, text_frame (0x80, "x"), SIGHEJ_WS_CLOSE_TOO_BIG);
}

static void
test_close (void)
{
  static const struct
  {
    const char *payload;
    gsize n_payload;
    SighejFramerEvent event;
    guint code;
  } cases[] = {
    { "", 0, SIGHEJ_FRAMER_CLOSE, SIGHEJ_WS_CLOSE_NO_STATUS },
    { "\x03\xe8", 2, SIGHEJ_FRAMER_CLOSE, 1000 },
    { "\x03\xe9going away", 12, SIGHEJ_FRAMER_CLOSE, 1001 },
    { "\x0f\xa0", 2, SIGHEJ_FRAMER_CLOSE, 4000 },
    { "\x03", 1, SIGHEJ_FRAMER_ERROR, SIGHEJ_WS_CLOSE_PROTOCOL_ERROR },
    { "\x03\xed", 2, SIGHEJ_FRAMER_ERROR, SIGHEJ_WS_CLOSE_PROTOCOL_ERROR }, /* 1005 */
    { "\x03\xe7", 2, SIGHEJ_FRAMER_ERROR, SIGHEJ_WS_CLOSE_PROTOCOL_ERROR }, /* 999 */
    { "\x07\xd0", 2, SIGHEJ_FRAMER_ERROR, SIGHEJ_WS_CLOSE_PROTOCOL_ERROR }, /* 2000 */
    { "\x03\xe8\xff", 3, SIGHEJ_FRAMER_ERROR, SIGHEJ_WS_CLOSE_BAD_DATA },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SighejFramer framer = { 0 };
      SighejFramerResult result;
      g_autoptr (GByteArray) bytes = frame (0x88, cases[i].payload, cases[i].n_payload, 0);

      g_assert_cmpint (feed (&framer, bytes, &result), ==, cases[i].event);
      g_assert_cmpuint (result.close_code, ==, cases[i].code);
    }
}

static void
test_own_frames (void)
{
  static const gsize lengths[] = { 0, 1, 125, 126, 4096, 65535 };

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      guint8 header[SIGHEJ_FRAMER_OUT_HEADER_BYTES_MAX];
      guint n_header = sighej_framer_write_header (SIGHEJ_WS_TEXT, lengths[i], header);

      g_assert_cmpuint (header[0], ==, 0x81);
      g_assert_cmpuint (n_header, ==, lengths[i] < 126 ? 2 : 4);
      g_assert_cmpuint (sighej_framer_measure (header), ==, n_header + lengths[i]);
    }
}

/* Unmasked by words and by what is left over. */
static void
test_every_length (void)
{
  static const char text[] = "abcdefghijklmnopqrstuvwxyz0123456789";

  for (gsize n = 0; n < sizeof text; n++)
    {
      g_autofree char *part = g_strndup (text, n);
      g_autoptr (GByteArray) data = text_frame (0x81, part);
      SighejFramer framer = { 0 };
      SighejFramerResult result;

      g_assert_cmpint (feed (&framer, data, &result), ==, SIGHEJ_FRAMER_MESSAGE);
      g_assert_cmpmem (result.data, result.n_data, part, n);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/framer/takes-a-masked-message", test_message);
  g_test_add_func ("/framer/takes-every-length", test_every_length);
  g_test_add_func ("/framer/waits-for-every-missing-byte", test_every_prefix_waits);
  g_test_add_func ("/framer/joins-fragments-around-control-frames", test_fragments);
  g_test_add_func ("/framer/refuses-violations", test_violations);
  g_test_add_func ("/framer/refuses-a-message-inside-another", test_new_message_inside_another);
  g_test_add_func ("/framer/bounds-the-message", test_size_limit);
  g_test_add_func ("/framer/reads-close-codes", test_close);
  g_test_add_func ("/framer/writes-and-measures-its-own-frames", test_own_frames);
  return g_test_run ();
}
