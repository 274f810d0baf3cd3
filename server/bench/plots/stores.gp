load 'style.gp'
set title 'Disk and memory, by stored messages'
set xlabel 'stored messages of some 30 bytes'
set ylabel 'MiB'
set logscale xy
set xtics ('1,000' 1e3, '10,000' 1e4, '100,000' 1e5, '300,000' 3e5, '1,000,000' 1e6)
mib(bytes) = bytes / 1048576.
set xrange [800:1.2e6]
plot data using 1:(mib($3)) with linespoints title 'on disk' linetype 3, \
     data using 1:(mib($2)) with lines title 'messages and digests alone' linetype 5, \
     data using 1:(mib($4)) with linespoints title 'memory after the start' linetype 2, \
     data using 1:(mib($5)) with linespoints title 'memory after reads' linetype 4
