package io.devopscopilot.features;

/**
 * Words that mean the same to someone who reads logs, whichever program wrote them. How many words
 * of a group a line has is a feature, so that what was learned from one program's words holds for
 * another's. A word may be in several groups.
 */
enum WordGroup {
  ERROR(
      "is_error",
      "error errors err erroneous exception exceptions throwable traceback panic panicked panicking"
          + " fatal crash crashed crashes crashing coredump segfault abort aborted aborting oops"
          + " bug severe critical emergency"),
  FAILED(
      "contains_failed",
      "fail failed fails failing failure failures unsuccessful unsuccessfully failover"),
  UNABLE(
      "words_unable",
      "unable cannot cant couldn couldnt didn doesn doesnt wasn isn aren wouldn hasn shouldn"
          + " impossible"),
  REFUSED(
      "words_refused",
      "refused refusing refuses rejected reject rejecting rejects denied deny denies denying"
          + " forbidden unauthorized unauthorised unauthenticated disallowed prohibited blocked"
          + " disabled declined revoked banned"),
  MISSING(
      "words_missing",
      "missing notfound unknown undefined unresolved unrecognized unrecognised nonexistent absent"
          + " found exist exists empty null nil"),
  INVALID(
      "words_invalid",
      "invalid illegal malformed corrupt corrupted corruption bad wrong wrongly unexpected"
          + " unexpectedly unsupported mismatch mismatched incorrect incorrectly inconsistent"
          + " incompatible garbled conflict conflicts conflicting duplicate duplicated violated"
          + " violation violates unparseable uncaught unhandled improper problem trouble"),
  LOST(
      "words_lost",
      "lost losing disconnected disconnect disconnecting reset broken killed kill killing evicted"
          + " evicting dead died dies unreachable unavailable unhealthy down offline dropped"
          + " dropping orphaned orphan leaked leak leaking degraded interrupted interrupt hung"
          + " stuck stalled wedged"),
  TIMEOUT(
      "words_timeout",
      "timeout timeouts timedout timed expired expire expires expiring deadline exceeded exceeds"
          + " exceed exceeding overdue stale outdated"),
  WARNING(
      "words_warning",
      "warning warn warnings deprecated deprecation obsolete caution beware insecure discouraged"
          + " unsafe legacy removed recommended should suspicious unusual"),
  RETRY(
      "words_retry",
      "retry retries retrying retried reattempt backoff again fallback falling reconnect"
          + " reconnecting reconnected attempt attempts attempting requeue requeued requeueing"
          + " resend"),
  SKIP(
      "words_skip",
      "skip skipped skipping ignore ignored ignoring ignores discard discarded discarding bypass"
          + " omitting omitted suppressed unused noop truncated truncating overriding overridden"),
  SLOW(
      "words_slow",
      "slow slower slowly took lag lagging lags latency throttle throttled throttling delayed"
          + " delay overloaded congestion congested long behind backlog pause paused"),
  SUCCESS(
      "words_success",
      "success successes successful successfully succeeded succeed succeeds ok done complete"
          + " completed completes finished finish finishes ready healthy passed established"
          + " accepted accept recovered restored valid verified available active online"),
  START(
      "words_start",
      "start started starting starts startup boot booting booted init initialize initialized"
          + " initializing initialised initialising initialization launching launched loading"
          + " loaded load listening listen registered registering register created creating create"
          + " opened opening open joined joining bound binding enabled installed installing"
          + " deployed running connected connecting"),
  STOP(
      "words_stop",
      "stop stopped stopping stops shutdown shutting exit exited exiting exits quit terminating"
          + " terminated terminate closing closed close unload unloaded leaving removing delete"
          + " deleted deleting destroyed draining drained"),
  ROUTINE(
      "words_routine",
      "updated update updates updating changed change received receive receiving sending sent send"
          + " processing processed request requests handling handled scheduled synced sync"
          + " refreshed refresh checking checked check using setting set configured added adding"
          + " add assigned allocated flushed flushing saved saving saves wrote writing written"
          + " reading read serving served served elected committed rotated rolled"),
  DETAIL(
      "words_detail",
      "debug trace tracing dump dumping verbose entering entered enter returning returned returns"
          + " return called calling call invoke invoked got get gets parsing parsed cache cached"
          + " hit miss state value values param params args visible callback"),
  NEGATION("words_negation", "not no never without neither nor none nothing"),
  LIMIT(
      "words_limit",
      "limit limits limited quota quotas maximum max insufficient exhausted exhaustion full out"
          + " overflow overflowed too many capacity exceeded exceeds enough pressure"),
  MEMORY(
      "words_memory",
      "oom oomkilled oomkiller oomkilling outofmemoryerror outofmemory memory heap metaspace"
          + " cgroup rss swap malloc enomem memcg"),
  IMAGE(
      "words_image",
      "image images imagepullbackoff errimagepull invalidimagename pull pulling pulled registry"
          + " registries manifest tag repository repo dockerhub ghcr gcr ecr quay"),
  DNS(
      "words_dns",
      "dns lookup lookups resolve resolving resolved resolves resolver nxdomain servfail hostname"
          + " hostnames coredns nameserver nameservers domain unknownhostexception getaddrinfo"
          + " enotfound eai"),
  NETWORK(
      "words_network",
      "connection connections connect tcp udp socket sockets dial network networks route router"
          + " unreachable port peer peers econnrefused econnreset etimedout ehostunreach epipe"
          + " proxy gateway upstream endpoint endpoints packet packets cni subnet"
          + " connectexception sockettimeoutexception i/o eof"),
  STORAGE(
      "words_storage",
      "disk disks volume volumes mount mounts mounting mounted unmount unmounting pvc pv"
          + " persistentvolumeclaim persistentvolume filesystem storage inode inodes enospc space"
          + " nfs csi fsync attach attached attaching detach detached storageclass ephemeral"
          + " failedmount failedattachvolume device quorum tablespace"),
  SCHEDULING(
      "words_scheduling",
      "schedule scheduling failedscheduling nodes taint taints tainted toleration tolerations"
          + " tolerate affinity selector preemption preempt preempted preempting cordon cordoned"
          + " unschedulable nodeaffinity nodeselector topology"),
  PROBE(
      "words_probe",
      "probe probes probing liveness readiness healthz livez readyz healthcheck healthchecks"),
  AUTH(
      "words_auth",
      "auth authentication authenticate authenticated authorization authorize authorized"
          + " unauthorized unauthenticated forbidden token tokens credential credentials"
          + " certificate certificates cert certs tls ssl handshake permission permissions rbac"
          + " password passwords login logon logins kerberos oauth jwt acl serviceaccount"
          + " signature eacces eperm sudo privilege privileges pkix sslhandshakeexception"),
  CONFIG(
      "words_config",
      "config configs configuration configured misconfigured misconfiguration configmap configmaps"
          + " property properties settings environment env variable variables flag flags argument"
          + " arguments option options yaml parse secret secrets createcontainerconfigerror"
          + " classnotfoundexception noclassdeffounderror modulenotfounderror importerror"
          + " executable entrypoint"),
  QUOTA("words_quota", "quota quotas resourcequota resourcequotas limitrange limitranges"),
  NODE(
      "words_node",
      "node kubelet containerd cri runtime kernel notready nodenotready pleg apiserver scheduler"
          + " etcd daemon systemd crio dockerd cgroup cgroups hardware chip rack cpu parity"
          + " machine"),
  LOAD(
      "words_load",
      "latency throughput gc pause pauses cpu throttled queue queued backlog saturation saturated"
          + " utilization usage qps rps percentile p99 p95"),
  APPLICATION(
      "words_application",
      "nullpointerexception illegalargumentexception illegalstateexception sql query queries"
          + " database deadlock transaction transactions constraint stacktrace assertion typeerror"
          + " valueerror keyerror indexerror attributeerror runtimeerror referenceerror"
          + " sqlexception operationalerror dereference goroutine undefined index bounds cast"
          + " rollback"),
  RESTART(
      "words_restart",
      "crashloopbackoff crashloop backoff restart restarting restarted restarts respawn respawned"
          + " containerstatuses"),
  SIGNAL(
      "words_signal",
      "signal sigkill sigterm sigsegv sigabrt sigint sigbus sighup sigquit killed core dumped"
          + " segmentation"),

  /**
   * Of these four only the category is learned: what a line is about does not say how bad it is.
   */
  IDENTITY(
      "about_identity",
      AUTH.words
          + " authn authz authorisation authorise authorised authorizing authenticating"
          + " authenticator authority authorities signin sso saml oidc openid oauth2 ldap"
          + " radius tacacs sasl scram ntlm spnego gss gssapi krb5 kdc tgt keytab principal"
          + " pam ssh publickey pubkey knownhosts passwd passphrase passcode otp totp mfa"
          + " 2fa captcha csrf xsrf cors hmac x509 pki mtls jwks bearer claim claims"
          + " audience issuer nonce keystore truststore keyring pem fingerprint trust"
          + " trusted ocsp crl iam sts arn kms vault seal sealed unseal unsealed encrypt"
          + " encrypted encryption decrypt decryption cipher signed signing sign cosign"
          + " sigstore notary spiffe svid wpa eap psk selinux apparmor seccomp avc"
          + " gatekeeper kyverno opa podsecurity role roles rolebinding clusterrole scope"
          + " scopes policy policies consent approval approver access allowed allow"
          + " permitted permit allowlist whitelist account accounts session sessions cookie"
          + " cookies secret secrets key keys user users username anonymous admin"
          + " administrator administrators root superuser sudoers setuid polkit privileged"
          + " tenant identity identities member membership group groups entitlement entitled"
          + " badge clearance verify verified verification validate logged"),
  ATTACK(
      "about_attack",
      "unauthorized unauthorised unauthenticated forbidden noauth wrongpass noperm"
          + " accessdenied permissiondenied accessdeniedexception accesscontrolexception"
          + " authenticationexception authorizationexception unauthorizedexception"
          + " forbiddenexception notauthorizedexception badcredentialsexception"
          + " disabledexception lockedexception credentialsexpiredexception"
          + " usernamenotfoundexception insufficientauthenticationexception"
          + " oauth2authenticationexception invalidbearertokenexception expiredjwtexception"
          + " signatureexception certificateexception certificateexpiredexception"
          + " sslpeerunverifiedexception sslhandshakeexception sslexception"
          + " badpaddingexception invalidkeyexception keystoreexception"
          + " unrecoverablekeyexception loginexception failedloginexception"
          + " accountlockedexception gssexception securityexception"
          + " unauthorizedaccessexception securitytokenexception cryptographicexception"
          + " saslauthenticationexception topicauthorizationexception"
          + " groupauthorizationexception permissionerror notauthenticated"
          + " authenticationfailed invalidtoken invalidsignature expiredsignatureerror"
          + " jwterror unauthorizederror forbiddenerror jsonwebtokenerror tokenexpirederror"
          + " notauthorizederror expiredtoken invalidclienttokenid signaturedoesnotmatch"
          + " unauthorizedoperation authfailure nocredentialproviders eacces eperm attack"
          + " attacker attackers attacks brute bruteforce intrusion intruder malware virus"
          + " ransomware phishing trojan exploit exploited exploits injection sqli xss waf"
          + " cve vulnerability vulnerable spoof spoofing spoofed forged tampered tampering"
          + " hijack hijacked hijacking leaked stolen escalation escalate exfiltration scan"
          + " probing miner fraud breach compromised suspected suspicious lockout locked ban"
          + " banned unban blacklist blacklisted blocklist denylist untrusted selfsigned"
          + " revoked impersonate impersonation"),
  REACH(
      "about_reach",
      NETWORK.words
          + " "
          + DNS.words
          + " host hosts hop hops link nic ethernet interface bridge veth arp mtu vlan vxlan"
          + " vpn tunnel wan lan dhcp bgp ospf iptables nftables ipvs conntrack netfilter"
          + " ingress egress loadbalancer backend backends upstreams envoy haproxy websocket"
          + " listener loopback calico cilium flannel weave multus metallb ipam reachable"
          + " partition partitioned gossip heartbeat heartbeats syn rst flapping lame resolv"
          + " resolution unresolved nodata zone zones ttl aaaa fqdn mdns named unbound"
          + " dnsmasq gaierror servfail unknownhost enetunreach econnaborted disconnected"
          + " disconnection hangup noroutetohostexception connecttimeoutexception"
          + " socketexception closedchannelexception nohttpresponseexception"
          + " httphostconnectexception bindexception connectionerror connectionreseterror"
          + " connectionrefusederror connecterror newconnectionerror connectionloss"
          + " httprequestexception refused reset"),
  PLACEMENT(
      "about_placement",
      SCHEDULING.words
          + " unscheduled placement placed pending preemptor victims skew spread"
          + " constraints nodepool nodegroup provisionable autoscaler karpenter gang"
          + " allocatable allocate allocated allocation feasible predicate fit fits room"
          + " capacity antiaffinity noschedule noexecute slurm yarn offers evict uncordoned"
          + " cordoned cordoning insufficient");

  final String featureName;
  final String words;

  WordGroup(String featureName, String words) {
    this.featureName = featureName;
    this.words = words;
  }
}
