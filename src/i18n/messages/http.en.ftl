# What a client of ours meets at a server.
no-url = { $url } is not a URL; it begins with http:// or https://
cannot-reach = cannot reach { $url }: { $why }
cannot-reach-and-help = cannot reach { $url }: { $why }; { $help }
no-name-server = the host name cannot be resolved
silence = the connection timed out
silence-to-tls = the connection or its TLS handshake timed out
answer-late = no answer within five seconds; WeChat hangs up then
answer-too-large = the answer is longer than a mebibyte
answer-cut = the connection was cut before the answer was whole ({ $why })
answer-no-http = the answer is not HTTP ({ $why })
no-authority = { $path } has no certificate that can be read; it must be a PEM file with -----BEGIN CERTIFICATE-----
connect-no-host = its host is missing, or it is neither http nor https
connect-internal = the address { $address } is internal
connect-late = the connection timed out
http-no-url = that is not a URL
http-too-long = the answer is too long
http-late = no answer in time
not-an-internal-address = write a host and a port, such as 127.0.0.1:11434

## TLS

certificate-expired-on = the certificate expired on { $end }
certificate-expired = the certificate has expired
certificate-not-before = the certificate is not valid before { $start }
certificate-not-yet = the certificate is not valid yet
certificate-without-name = the certificate names no host, so it is not valid for { $wanted }
certificate-of-others = the certificate is for { $names } and not for { $wanted }
certificate-authority-unknown = the certificate comes from an authority that is not trusted
certificate-is-authority = the certificate says that it is an authority itself
certificate-refused = the certificate was rejected: { $why }
no-tls = no TLS is spoken at this port
only-tls = TLS is spoken at this port
help-certificate-expired = renew it, and let the server read the new one; if it is valid after all, set the clock of this machine
help-certificate-not-yet = set the clock of this machine, or give the server a certificate that is valid now
help-certificate-name = get one for this name, or correct the name in the URL
help-certificate-authority = WeChat requires one of a public authority and the whole chain (fullchain.pem); name an authority of your own with --cacert
help-certificate-is-authority = WeChat requires one of a public authority; one of your own that signs itself is made with CA:FALSE
help-no-tls = write http://, or let the proxy speak TLS there
help-only-tls = write https://
help-tls = see the log of what listens there; WeChat requires TLS 1.2 or 1.3 with a certificate for the name in the URL
