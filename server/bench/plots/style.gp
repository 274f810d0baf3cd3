# The style of all plots. The background is white, for light and dark pages; lines differ in colour and mark.
set terminal svg size 760,440 font 'sans-serif,13' background 'white'
set datafile separator ','
set rmargin 6
set border 3 linecolor '#404040'
set tics nomirror
set grid linecolor '#d9d9d9' linewidth 1
set key top left reverse Left samplen 2
set linetype 1 linecolor '#6f6f6f' linewidth 2 pointtype 7 pointsize 0.6
set linetype 2 linecolor '#0060a8' linewidth 2 pointtype 5 pointsize 0.6
set linetype 3 linecolor '#c4501b' linewidth 2 pointtype 9 pointsize 0.8
set linetype 4 linecolor '#2b7d3f' linewidth 2 pointtype 13 pointsize 0.8
set linetype 5 linecolor '#9a9a9a' linewidth 2 dashtype 2
