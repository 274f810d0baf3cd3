load 'style.gp'
set title 'Cost of a request, by the size of the message'
set xlabel 'bytes of the message'
set ylabel 'CPU of the server, µs a request'
set logscale xy
set xtics ('10' 10, '100' 100, '1,000' 1e3, '10,000' 1e4, '100,000' 1e5, '1,000,000' 1e6)
set xrange [8:1.2e6]
plot data using 1:2 with linespoints title 'bare hyper, a fixed answer' linetype 1, \
     data using 1:3 with linespoints title 'GET from the cache' linetype 2, \
     data using 1:4 with linespoints title 'GET, read and verified' linetype 4, \
     data using 1:5 with linespoints title 'POST of a stored message' linetype 3, \
     data using 1:($6 > 0 ? $6 : 1/0) with lines title 'SHA-256 and one copy alone' linetype 5
