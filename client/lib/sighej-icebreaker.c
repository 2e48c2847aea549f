/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-client"

#include "config.h"

#include "sighej-icebreaker.h"

#include <glib/gi18n.h>

typedef struct
{
  const char *category;
  const char *questions[SIGHEJ_ICEBREAKERS_EACH];
} Icebreakers;

/* By category, in the order of strcmp(): both sides count in it. The last is for all others. */
static const Icebreakers all[] = {
  { "arts",
    { N_ ("What did you last see that you could not stop looking at?"),
      N_ ("What would you make if you had a week and a studio?"),
      N_ ("Which picture would you hang over your desk?") } },
  { "books",
    { N_ ("Which book have you given away most often?"),
      N_ ("What are you reading, and would you go on if nobody knew?"),
      N_ ("Which book did you put down halfway, and why?") } },
  { "business",
    { N_ ("What is the best part of your working day?"),
      N_ ("What would you do if your job took care of itself for a month?"),
      N_ ("What do people get wrong about your work?") } },
  { "crafts",
    { N_ ("What is the last thing you made with your hands?"),
      N_ ("Which tool would you never lend to anyone?"),
      N_ ("What have you repaired that was not worth it?") } },
  { "film-tv",
    { N_ ("Which film can you see again and again?"),
      N_ ("What did everybody love that you could not finish?"),
      N_ ("Which series would you like to forget, to see it anew?") } },
  { "food",
    { N_ ("What do you cook when nobody is watching?"),
      N_ ("Which taste takes you back to being a child?"),
      N_ ("What is the best meal within ten minutes of here?") } },
  { "games",
    { N_ ("Which game do you always want one more round of?"),
      N_ ("Do you play to win, or to be there?"),
      N_ ("Which game would you teach me first?") } },
  { "home",
    { N_ ("What is your favourite spot at home?"),
      N_ ("What have you grown or kept alive longest?"),
      N_ ("Which everyday thing do you do better than most?") } },
  { "languages",
    { N_ ("Which word is missing in the language we speak now?"),
      N_ ("Which language would you like to wake up speaking?"),
      N_ ("What is the first thing you say in a new language?") } },
  { "music",
    { N_ ("What did you listen to on the way here?"),
      N_ ("Which concert do you still talk about?"),
      N_ ("Which song do you love and rarely admit to?") } },
  { "nature",
    { N_ ("Where do you go when you need to be outdoors?"),
      N_ ("Which animal did you last stop to look at?"),
      N_ ("Sea, forest or mountain, and why?") } },
  { "philosophy",
    { N_ ("What have you changed your mind about lately?"),
      N_ ("Which question have you given up answering?"),
      N_ ("What do you know that you cannot prove?") } },
  { "science",
    { N_ ("What did you learn lately that you had to tell someone?"),
      N_ ("Which experiment would you do if money did not count?"),
      N_ ("What would you ask somebody from a hundred years from now?") } },
  { "society",
    { N_ ("Which year would you visit for one day?"),
      N_ ("What should everybody know about where you come from?"),
      N_ ("Which small change would make this town better?") } },
  { "sports",
    { N_ ("What do you do to get your pulse up?"),
      N_ ("Which match or race will you never forget?"),
      N_ ("Would you rather play or watch?") } },
  { "stage",
    { N_ ("What was the last thing you saw on a stage?"),
      N_ ("Which role would you like to play once?"),
      N_ ("Which music gets you on the floor?") } },
  { "tech",
    { N_ ("What are you building just now?"),
      N_ ("Which tool would you miss most on a new machine?"),
      N_ ("What broke last, and what did it teach you?") } },
  { "travel",
    { N_ ("Which place would you go back to tomorrow?"),
      N_ ("Where did you get lost and were glad of it?"),
      N_ ("What do you always pack and never use?") } },
  { "vehicles",
    { N_ ("What was the first thing you drove or rode?"),
      N_ ("Which journey would you take if time did not count?"),
      N_ ("What would you repair if you had a garage for a year?") } },
  { "other",
    { N_ ("What brought you here today?"),
      N_ ("What could you talk about for an hour?"),
      N_ ("What are you looking forward to?") } },
};
#define N_CATEGORIES G_N_ELEMENTS (all)
#define OTHER (N_CATEGORIES - 1)

static guint
find (const char *category)
{
  for (guint i = 0; i < OTHER; i++)
    if (g_str_equal (all[i].category, category))
      return i;
  return OTHER;
}

/* Which of @all the two share, in the table's order whatever the order they are told in. */
static guint
collect (const char *const *categories, guint found[N_CATEGORIES])
{
  gboolean shared[N_CATEGORIES] = { FALSE };
  guint n_found = 0;

  for (guint i = 0; categories != NULL && categories[i] != NULL; i++)
    shared[find (categories[i])] = TRUE;
  for (guint i = 0; i < N_CATEGORIES; i++)
    if (shared[i])
      found[n_found++] = i;
  return n_found;
}

const char *
sighej_icebreaker_pick (int cue, const char *const *categories)
{
  guint number = (guint) MAX (cue, 0);
  guint found[N_CATEGORIES] = { OTHER };
  guint n_found = MAX (collect (categories, found), 1);
  guint category = found[number % n_found];

  return all[category].questions[number / n_found % SIGHEJ_ICEBREAKERS_EACH];
}

const char *const *
sighej_icebreaker_get_all (const char *category)
{
  guint i = find (category);

  return g_str_equal (all[i].category, category) ? all[i].questions : NULL;
}
