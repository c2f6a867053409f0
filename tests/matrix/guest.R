# SPDX-License-Identifier: MIT
# guest.R MODE ASK SECONDS OUT: as guest.h says, in R. fork is mclapply, spawn a PSOCK cluster.
arguments <- commandArgs(TRUE)
mode <- arguments[1]
seconds <- as.numeric(arguments[3])
out <- arguments[4]
workers <- 3

work <- function(i, seconds, out) {
  since <- proc.time()[["elapsed"]]
  done <- 0
  last <- NULL
  set.seed(1)
  a <- matrix(rnorm(360 * 360), 360) + 20 * diag(360)
  while (done < 3 || proc.time()[["elapsed"]] - since < seconds) {
    now <- c(crossprod(a), solve(a), chol(crossprod(a)))
    now <- now[seq(1, length(now), by = 17)]
    if (!identical(now, last))
      cat(paste(c("values", sprintf("%a", now)), collapse = " "), "\n", sep = "", file = out,
          append = TRUE)
    last <- now
    done <- done + 1
  }
  done
}

alone <- function() work(0, seconds, out)
ways <- list(
  alone = alone,
  fork = function() {
    alone()
    did <- parallel::mclapply(seq_len(workers), work, seconds, out, mc.cores = workers)
    stopifnot(all(unlist(did) >= 3))
    alone()
  },
  spawn = function() {
    alone()
    cluster <- parallel::makePSOCKcluster(workers)
    did <- parallel::clusterApply(cluster, seq_len(workers), work, seconds, out)
    parallel::stopCluster(cluster)
    stopifnot(all(unlist(did) >= 3))
    alone()
  },
  subprocesses = function() {
    self <- sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))
    line <- paste("Rscript --vanilla", self, "alone 0", seconds, out)
    stopifnot(system(paste(paste(rep(paste(line, "&"), workers), collapse = " "), "wait")) == 0)
  }
)
invisible(ways[[mode]]())
