# Why a service that was asked gave no answer. Nothing that was asked or answered is in it.

call-failed = the service { $service } gave no answer: { $why }
call-resting = it failed again and again, and is asked once more in a few seconds
call-no-slot = { $count ->
    [one] one call was under way
   *[other] { $count } calls were under way
 } all the time (at_once)
call-late = no answer within { $seconds } s (timeout)
call-empty = the answer is empty
call-too-large = the answer is too long
call-not-json = the answer is not JSON
call-html = the answer is a page of HTML or XML, not JSON; check the path of the URL
call-no-completion = the answer is not one of chat completions; check the address of the model
call-error-object = the status is 200, but the answer is an error
call-cut = the connection was cut before the answer was whole
call-no-http = the answer is not HTTP
call-no-url = the address is not a URL with http:// or https:// and a host
call-no-name = its host name cannot be resolved
call-no-connection = the connection timed out
call-refused = no connection: { $reason }
call-tls = no TLS: { $reason }
call-internal = its address { $address } is internal; if that is meant, allow it with --allow HOST:PORT
call-status = status { $status }
call-redirected = status { $status }: it sends on to another address, which is not followed; write that address
call-unauthorized = status { $status }: it does not accept the key or the signature
call-too-many = status { $status }: it is asked more often than it allows
call-no-secret = there is no secret { $name }
call-odd-secret = the secret { $name } has characters that cannot be sent; is it in the right file?
call-odd-header = { $name } cannot be the name of a header

## `doctor` asks each service once

service-answers = { $name } answers, in { $milliseconds } ms
service-refuses-empty = { $name } answers, and refuses an empty question, as it may: { $why }
remedy-run-again = run this again
remedy-service-path = if it does not say that to every question, all is well; else correct the path of url
remedy-service-secret = correct the secret, or give the endpoint the same one; with --secrets it is the file of that name
remedy-service-no-secret = write it to a file of its name in the folder of --secrets, or set WXREPLY_SECRET_<NAME>
remedy-service-internal = correct the address, or allow it with --allow
remedy-service-redirected = write the address that it redirects to
remedy-service-paid = the account with the provider has no money left
remedy-service-model = check the address in llm, which ends before /chat/completions, and the name of the model
remedy-service-late = find what is slow there, or allow more with timeout
remedy-service-address = correct the address, start what should listen there, or let the firewall pass it
remedy-service-log = see the log of the service
