load 'style.gp'
set title 'Latency at half of the highest rate'
set xlabel 'percentile of the requests'
set ylabel 'ms, from when a request was due'
set logscale xy
set xtics ('50 %%' 2, '90 %%' 10, '99 %%' 100, '99.9 %%' 1000, '99.99 %%' 10000)
set xrange [1.7:12000]
plot data using 1:2 with lines title 'bare hyper, a fixed answer' linetype 1, \
     data using 1:3 with lines title 'GET of a cached message' linetype 2
