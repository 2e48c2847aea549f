/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "sighej-config.h"

static const SighejConfigKey keys[] = {
  { "Net", "Uri", SIGHEJ_CONFIG_STRING, NULL, "" },
  { "Net", "Origins", SIGHEJ_CONFIG_STRING_LIST, NULL, "" },
  { "Net", "Port", SIGHEJ_CONFIG_INTEGER, NULL, "80", 1, 65535 },
  { "Time", "Life", SIGHEJ_CONFIG_DURATION_SECONDS, NULL, "2h", 300, 7200 },
  { "Time", "Quick", SIGHEJ_CONFIG_BOOLEAN, NULL, "no" },
  { "Time", "Policy", SIGHEJ_CONFIG_ENUM, NULL, "mutual", .choices = "mutual|one_sided" },
  { NULL },
};

static void
check_values (SighejConfig *config)
{
  g_autofree char *text = sighej_config_to_text (config);

  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpint (sighej_config_get_integer (config, "Net", "Port"), >=, 1);
  g_assert_cmpint (sighej_config_get_integer (config, "Net", "Port"), <=, 65535);
  g_assert_cmpuint (sighej_config_get_duration_s (config, "Time", "Life"), >=, 300);
  g_assert_cmpuint (sighej_config_get_duration_s (config, "Time", "Life"), <=, 7200);
}

/* Whatever a file holds: an error that says what, or values within their range. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autoptr (SighejConfig) config = sighej_config_new (keys);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  int fd = memfd_create ("fuzz-config", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, n_bytes), ==, (gssize) n_bytes);
  path = g_strdup_printf ("/proc/self/fd/%d", fd);
  if (!sighej_config_add_file (config, path, &error))
    g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  check_values (config);
  close (fd);
  return 0;
}
