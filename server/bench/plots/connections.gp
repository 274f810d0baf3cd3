load 'style.gp'
set title 'Throughput of one core, by connections'
set xlabel 'connections'
set ylabel 'requests a second'
set logscale x
set xtics (1, 4, 16, 64, 256, 1024)
set yrange [0:*]
set format y '%.0f'
set xrange [0.8:1300]
plot data using 1:2:3:4 with yerrorlines title 'bare hyper, a fixed answer' linetype 1, \
     data using 1:5:6:7 with yerrorlines title 'GET of a cached message' linetype 2, \
     data using 1:8:9:10 with yerrorlines title 'POST of new messages, durable' linetype 3
