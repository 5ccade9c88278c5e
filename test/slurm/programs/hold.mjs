// A learner's job that does nothing for a while, so that another of the same account can look at it.
setTimeout(() => {}, 25_000)
