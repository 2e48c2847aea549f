/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "fuzz.h"
#include "sighej-json.h"

/* What the scanner lets through, json-glib must take. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = NULL;

  if (!sighej_json_scan ((const char *) data, n_bytes, &error))
    {
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
      return 0;
    }

  parser = json_parser_new ();
  json_parser_load_from_data (parser, (const char *) data, (gssize) n_bytes, &error);
  g_assert_no_error (error);
  return 0;
}
