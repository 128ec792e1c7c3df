#!/bin/sh
# seeds.sh <folder> <target>: writes the inputs that fuzzing begins with. The
# keys are those of RFC 7515, A.2 and A.3, and RFC 8037, A.2.
set -eu
folder=$1

# Writes the input with the next number.
n=0
seed() {
	n=$((n + 1))
	printf '%s' "$1" >"$folder/$n"
}

# Prints a text several times.
repeat() {
	for _ in $(seq "$1"); do
		printf '%s' "$2"
	done
}

line_end='
'
case $2 in
	base64url)
		for text in '' Zg Zm8 Zm9v Zm9vYg Zm9vYmE Zm9vYmFy -_-_ Zg==; do
			seed "$text"
		done
		;;
	json)
		for text in '{"a":[1,-2.5e3,"x\u00e9\n\ud83d\ude00",true,false,null],"b":{}}' \
			'[[],{},""]' '"\u0000"' '{"a":1,"a":2}' ' 0 ' '{"é":"ü"}'; do
			seed "$text"
		done
		for depth in 32 33; do
			seed "$(repeat "$depth" '[')$(repeat "$depth" ']')"
			seed "$(repeat "$depth" '{"]":')1$(repeat "$depth" '}')"
		done
		;;
	token)
		good='{"alg":"HS256","kid":"key"}'
		for text in '{"sub":"alice","org_id":"org","exp":4102444800}' \
			'{"sub":"alice","exp":4102444800.5,"nbf":1,"iat":1,"act":{"sub":"eve"},"tacl_scope":["orders.*","!orders.delete"]}' \
			'{"email":"alice","https://example.com/org":null,"exp":4.1e9,"iss":"i","aud":["b","a"],"tacl_scope":"orders.view orders.list"}' \
			'{"sub":"a","sub":"b","exp":"1"}' '[]'; do
			seed "$good$line_end$text"
		done
		seed '{"typ":"at+jwt","alg":"HS256","crit":["exp"]}'"$line_end{}"
		seed 'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UifQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
		;;
	jwk)
		rsa='{"kty":"RSA","kid":"a","use":"sig","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}'
		ec='{"kty":"EC","kid":"b","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}'
		okp='{"kty":"OKP","kid":"key","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'
		oct='{"kty":"oct","kid":"key","alg":"HS256","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}'
		for text in "@$ec" "@$okp" "@$oct" "D$rsa" "E$rsa" "@{\"keys\":[$ec,$okp,$oct]}" "L{\"keys\":[$rsa]}" \
			'Aa secret of at least 32 bytes, really'; do
			seed "$text"
		done
		seed "@-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2rIV8519HIXKaql3SxOXgvfb7WVT
7RXb6meLpkvyjugb30xfoxJ+mqoc3C7L96eyp5fHxJdQAJsRoGe8IkSJLA==
-----END PUBLIC KEY-----"
		seed "G-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEANbt2YWbCnfIPrQ6Kmjf117gc8wdaVXfZUAGouUFylSA=
-----END PUBLIC KEY-----"
		;;
	pattern)
		seed 'orders.view
orders.*
!orders.delete
*.view
*.*
*
tacl.*'
		seed 'tacl.roles.define
*
tacl.*.define
tacl.roles.*'
		seed 'a.b.a.b
a.*.a.*
*.b.*.b
*.*.*.*
!*.*.*.*.*
a.b'
		seed 'long-segment-of-a:permission_1.x
long-segment-of-a:permission_1.*
long-segment-of-a:permission_2.*
..
a.*b
!'
		;;
esac
