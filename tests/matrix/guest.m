% SPDX-License-Identifier: MIT
% guest.m MODE ASK SECONDS OUT: as guest.h says, in Octave.
1;

function work(seconds, out)
  since = tic();
  done = 0;
  last = [];
  n = 360;
  a = reshape(mod((0 : n * n - 1) * 7919, 1009) / 1009, n, n) + 20 * eye(n);
  while (done < 3 || toc(since) < seconds)
    now = [(a * a)(:); inv(a)(:); chol(a * a')(:)];
    now = now(1 : 17 : end);
    if (!isequal(now, last))
      text = ["values" sprintf(" %s", cellstr(num2hex(now)){:}) "\n"];
      file = fopen(out, "a");
      fputs(file, text);
      fclose(file);
    endif
    last = now;
    done++;
  endwhile
endfunction

function await(pids)
  for pid = pids
    [~, status] = waitpid(pid);
    assert(status, 0);
  endfor
endfunction

arguments = argv();
mode = arguments{1};
seconds = str2double(arguments{3});
out = arguments{4};
workers = 3;
pids = [];
switch (mode)
  case "alone"
    work(seconds, out);
  case "fork"
    work(seconds, out);
    for i = 1 : workers
      pid = fork();
      if (pid == 0)
        work(seconds, out);
        exec("/bin/true");
      endif
      pids(end + 1) = pid;
    endfor
    await(pids);
    work(seconds, out);
  case "subprocesses"
    self = program_invocation_name();
    line = sprintf("octave-cli --norc --no-history %s alone 0 %g %s", mfilename("fullpathext"), ...
                   seconds, out);
    command = [repmat([line " & "], 1, workers) "wait"];
    assert(system(command), 0);
endswitch
