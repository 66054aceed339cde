# Sets up what the specs of the families need. The program that sources it continues if a part fails: the specs report
# what is missing.

# The kernel loads the other families by itself.
for module in tipc rds rds_tcp qrtr vsock_loopback vcan hci_vhci; do
  modprobe "$module"
done

# A CAN bus with FD frames, and a veth pair.
/bin/ip link add vcan0 type vcan
/bin/ip link set vcan0 mtu 72
/bin/ip link set vcan0 up
/bin/ip link add wire0 type veth peer name wire1
/bin/ip link set wire0 up
/bin/ip link set wire1 up

# Bluetooth controllers: hci0 and hci1, which can reach each other, and, for Low Energy, hci2 and hci3.
python3.11 -IS /vhci.py >/tmp/vhci.log 2>&1 &
python3.11 -IS /vhci.py up 0 1
btvirt -L -l2 >/tmp/btvirt.log 2>&1 &
python3.11 -IS /vhci.py up 2 3
