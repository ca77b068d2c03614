# Random packets of many protocols as scapy builds them, for
# `npm run compare:tshark -- --pcap FILE`.
# Needs python3-scapy. Run: python3 core/tools/scapy-packets.py FILE COUNT SEED
import random, sys
from scapy.all import *
from scapy.contrib.mpls import MPLS
from scapy.contrib.geneve import GENEVE, GeneveOptions
from scapy.contrib.gtp import GTP_U_Header, GTPPDUSessionContainer
from scapy.contrib.erspan import ERSPAN_II, ERSPAN_III
from scapy.contrib.etherip import EtherIP
from scapy.contrib.igmp import IGMP
from scapy.contrib.igmpv3 import IGMPv3, IGMPv3mr, IGMPv3gr, IGMPv3mq
from scapy.contrib.lldp import *
from scapy.contrib.nsh import NSH
from scapy.contrib.ospf import OSPF_Hdr, OSPF_Hello
from scapy.contrib.mac_control import MACControlPause
from scapy.layers.vrrp import VRRP, VRRPv3
from scapy.layers.sctp import *
from scapy.layers.ipsec import AH, ESP
random.seed(int(sys.argv[3]))
E=lambda: Ether(src='02:00:00:00:00:01',dst='02:00:00:00:00:02')
I=lambda **k: IP(src='10.0.0.2',dst='10.1.2.3',ttl=random.randrange(1,255),
    id=random.randrange(65536),tos=random.randrange(256),**k)
I6=lambda **k: IPv6(src='2001:db8::1',dst='2001:db8::2',fl=random.randrange(1<<20),
    tc=random.randrange(256),**k)
def ip(): return random.choice([I,I6])()
def l4(): return random.choice([
    lambda:TCP(sport=40000,dport=50000,flags=random.randrange(512),seq=random.randrange(1<<32),
        options=random.choice([[],[('MSS',1460),('WScale',7)],[('Timestamp',(1,2))],
            [('SAckOK',b'')]])),
    lambda:UDP(sport=40000,dport=50000)/Raw(b'abc'),
    lambda:UDP(sport=40000,dport=50000)])()
def inner(): return ip()/l4()
def fr(): return E()/inner()
r=random.randrange
def bit(): return r(2)
S=[
 lambda:E()/MPLS(label=r(16,1<<20),cos=r(8),s=0,ttl=r(256))/MPLS(label=r(16,1<<20),s=1,ttl=9)
     /inner(),
 lambda:E()/PPPoE(sessionid=r(65536))/PPP()/inner(),
 lambda:E()/PPPoED(code=random.choice([9,7,0x19,0x65]))/PPPoETag(tag_type=0x0101,tag_value=b'svc')
     /PPPoETag(tag_type=0x0103,tag_value=b'abcd')/PPPoETag(tag_type=r(0x110),tag_value=b'zz'),
 lambda:E()/ip()/GRE(chksum_present=bit(),key_present=bit(),seqnum_present=bit())/inner(),
 lambda:E()/I()/GRE(key_present=1,key=r(1<<32),proto=0x6558)/fr(),
 lambda:E()/I()/GRE(seqnum_present=1,proto=0x88be)/ERSPAN_II(vlan=r(4096),session_id=r(1024),
     cos=r(8),index=r(1<<20))/fr(),
 lambda:E()/ip()/UDP(sport=12345,dport=4789)/VXLAN(vni=r(1<<24),flags=8)/fr(),
 lambda:E()/ip()/UDP(sport=12345,dport=6081)/GENEVE(vni=r(1<<24),proto=0x6558,
     options=[GeneveOptions(classid=0x102,type=r(256),data=b'abcd')]*r(3))/fr(),
 lambda:E()/ip()/UDP(sport=12345,dport=2152)/GTP_U_Header(teid=r(1<<32),S=bit(),seq=r(65536))
     /inner(),
 lambda:E()/ip()/UDP(sport=2152,dport=2152)/GTP_U_Header(teid=r(1<<32),E=1,next_ex=0x85)
     /GTPPDUSessionContainer(type=bit(),QFI=r(64))/inner(),
 lambda:E()/I()/inner(), lambda:E()/I6()/inner(),
 lambda:E()/I()/EtherIP()/fr(),
 lambda:E()/ip()/SCTP(sport=r(65536),dport=r(65536),tag=r(1<<32))
     /random.choice([lambda:SCTPChunkInit(init_tag=r(1<<32),
     params=[SCTPChunkParamIPv4Addr(addr='1.2.3.4'),SCTPChunkParamECNCapable(),
     SCTPChunkParamSupportedAddrTypes()]),lambda:SCTPChunkData(data=b'hello',tsn=r(1<<32),
         beginning=1,ending=1),lambda:SCTPChunkSACK(gap_ack_list=['1:2','5:7'],dup_tsn_list=[5]),
         lambda:SCTPChunkAbort(),lambda:SCTPChunkCookieEcho(cookie=b'abcde'),
         lambda:SCTPChunkShutdown(),
         lambda:SCTPChunkHeartbeatReq(params=[SCTPChunkParamHeartbeatInfo(data=b'x'*9)])
         /SCTPChunkData(data=b'q')])(),
 lambda:E()/I(proto=2)/IGMP(type=random.choice([0x11,0x12,0x16,0x17]),mrcode=r(256),
     gaddr='224.1.2.3'),
 lambda:E()/I(proto=2)/IGMPv3(type=0x22)/IGMPv3mr(records=[IGMPv3gr(rtype=r(1,7),maddr='224.1.1.1',
     srcaddrs=['1.1.1.1','2.2.2.2'][:r(3)])]*r(1,4)),
 lambda:E()/I(proto=2)/IGMPv3(type=0x11,mrcode=r(256))/IGMPv3mq(gaddr='224.0.0.5',
     srcaddrs=['1.1.1.1']*r(3),qrv=r(8),s=bit(),qqic=r(256)),
 lambda:E()/ip()/AH(nh=17,spi=r(1<<32),seq=r(1<<32),icv=b'x'*12,payloadlen=4)
     /UDP(sport=40000,dport=50000)/Raw(b'zz'),
 lambda:E()/ip()/ESP(spi=r(256,1<<32),seq=r(1<<32),data=b'e'*r(10,40)),
 lambda:E()/ip()/UDP(sport=40000,dport=53)/DNS(id=r(65536),qr=bit(),rd=bit(),ra=bit(),aa=bit(),
     tc=bit(),ad=bit(),cd=bit(),rcode=r(6),qd=DNSQR(qname='www.example.com',
     qtype=random.choice(['A','AAAA','MX','TXT','ANY']))),
 lambda:E()/ip()/UDP(sport=53,dport=40000)/DNS(id=r(65536),qr=1,qd=DNSQR(qname='a.example.com'),
     an=DNSRR(rrname='a.example.com',type='A',rdata='1.2.3.4',ttl=r(1<<31))
     /DNSRR(rrname='b.example.com',type='CNAME',rdata='c.example.com')
     /DNSRR(rrname='x.y',type='TXT',rdata=[b'abc',b'd']),
     ns=DNSRR(rrname='y',type='NS',rdata='ns.y'),ar=DNSRROPT(rclass=4096)),
 lambda:E()/I()/UDP(sport=68,dport=67)/BOOTP(chaddr=b'\2\0\0\0\0\1',xid=r(1<<32),secs=r(65536),
     flags=random.choice([0,0x8000]))/DHCP(options=[('message-type',
     random.choice(['discover','request','ack','offer'])),('hostname',b'host'),('requested_addr',
     '10.0.0.9'),('lease_time',r(1<<32)),('param_req_list',[1,3,6,15,28]),('server_id',
     '10.0.0.1'),('client_id',b'\1\2\0\0\0\0\1'),('vendor_class_id',b'MSFT 5.0'),('subnet_mask',
     '255.255.255.0'),('name_server','8.8.8.8'),('max_dhcp_size',1500),'end']),
 lambda:E()/LLDPDUChassisID(subtype=4,id='02:00:00:00:00:05')/LLDPDUPortID(subtype=5,id=b'eth1')
     /LLDPDUTimeToLive(ttl=r(65536))/LLDPDUSystemName(system_name='sys')
     /LLDPDUSystemDescription(description='d e s c')/LLDPDUSystemCapabilities(router_available=1,
     router_enabled=1)/LLDPDUEndOfLLDPDU(),
 lambda:Dot3(src='02:00:00:00:00:01',dst='01:80:c2:00:00:00')/LLC(dsap=0x42,ssap=0x42,ctrl=3)
     /STP(rootid=r(65536),bridgeid=r(65536),portid=r(65536),pathcost=r(1<<32),bpdutype=0,
     bpduflags=r(256)),
 lambda:E()/Dot1AD(vlan=r(4096),prio=r(8))/Dot1Q(vlan=r(4096))/inner(),
 lambda:E()/I()/ICMP(type=random.choice([13,14]),id=r(65536),seq=r(65536)),
 lambda:E()/I()/ICMP(type=random.choice([17,18]),id=r(65536)),
 lambda:E()/I()/ICMP(type=random.choice([3,11,12,5,4]),code=r(3))/I()/UDP(sport=1,dport=2,chksum=0),
 lambda:E()/I6()/random.choice([lambda:ICMPv6EchoRequest(id=r(65536),data=b'x'),
     lambda:ICMPv6ND_NS(tgt='fe80::1')/ICMPv6NDOptSrcLLAddr(lladdr='02:00:00:00:00:01'),
     lambda:ICMPv6ND_RA()/ICMPv6NDOptPrefixInfo(prefix='2001:db8::')/ICMPv6NDOptMTU(),
     lambda:ICMPv6MLQuery(mladdr='ff02::1'),
     lambda:ICMPv6MLReport2(records=[ICMPv6MLDMultAddrRec(dst='ff02::5')]),
     lambda:ICMPv6PacketTooBig(mtu=1280)/I6()/UDP(sport=1,dport=2)])(),
 lambda:E()/I6()/IPv6ExtHdrHopByHop(options=[RouterAlert()])
     /IPv6ExtHdrDestOpt(options=[PadN(optdata=b'\0\0')])/l4(),
 lambda:E()/I6()/IPv6ExtHdrDestOpt(options=[HAO(hoa='2001:db8::77')])/l4(),
 lambda:E()/I6()/IPv6ExtHdrRouting(type=0,addresses=['2001:db8::9','2001:db8::a'],segleft=r(3))
     /l4(),
 lambda:E()/I6()/IPv6ExtHdrSegmentRouting(addresses=['2001:db8::9','2001:db8::a'],segleft=r(2),
     lastentry=1)/l4(),
 lambda:E()/ip()/UDP(sport=123,dport=123)/NTP(version=4,mode=r(1,6),stratum=r(17)),
 lambda:E()/I(proto=112)/VRRP(vrid=r(256),priority=r(256),
     addrlist=['10.0.0.1','10.0.0.2'][:r(1,3)]),
 lambda:E()/I(proto=89)/OSPF_Hdr(src='1.1.1.1',area='0.0.0.1')
     /OSPF_Hello(neighbors=['2.2.2.2'][:r(2)]),
 lambda:E()/MACControlPause(pause_time=r(65536)),
 lambda:E()/ip()/UDP(sport=12345,dport=1701)/L2TP(hdr=['length']*bit(),tunnel_id=r(1,65536),
     session_id=r(1,65536))/PPP()/inner(),
 lambda:E()/EAPOL(version=r(1,3),type=1),
 lambda:E()/ARP(op=r(1,3),psrc='10.0.0.1',pdst='10.0.0.2'),
 lambda:E()/ip()/UDP(sport=520,dport=520)/RIP(cmd=r(1,3))/RIPEntry(addr='1.1.1.1',metric=r(16)),
 lambda:E()/ip()/UDP(sport=1985,dport=1985)/HSRP(group=r(256),priority=r(256)),
 lambda:Dot3(src='02:00:00:00:00:01',dst='02:00:00:00:00:02')/LLC(dsap=0xaa,ssap=0xaa,ctrl=3)
     /SNAP(code=0x800)/I()/UDP(sport=40000,dport=50000),
 lambda:E()/ip()/UDP(sport=4500,dport=4500)/ESP(spi=r(256,1<<32),seq=1,data=b'e'*20),
]
frames = [bytes(S[i % len(S)]()) for i in range(int(sys.argv[2]))]
writer = RawPcapWriter(sys.argv[1], linktype=1)
writer.write_header(None)
for packet in frames:
    writer._write_packet(packet)
writer.close()
print(len(frames), 'packets of', len(S), 'stacks')
