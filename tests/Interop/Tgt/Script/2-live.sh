T show
C show --tid 1
C show --tid 2
S stat --tid 1 --sid $SID | head -6
S stat --sid $SID | head -6
S stat --tid 1 --sid 99
C stat --tid 1 --sid $SID | head -1
C stat --tid 1 --sid 99
T stat --tid 1
T stat --tid 2
L stat --tid 1 --lun 1
L stat --tid 1 --lun 0
Y stat
T delete --tid 1
K stop
C delete --tid 1 --sid 99 --cid 0
C delete --tid 1 --sid $SID --cid 99
L delete --tid 1 --lun 3
T show
