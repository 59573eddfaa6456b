#ifndef KEELSON_CCURL_SHIM_H
#define KEELSON_CCURL_SHIM_H
#include <curl/curl.h>
/* curl_easy_setopt and curl_easy_getinfo take a variable list of arguments, which Swift cannot
   call: one function for each type of argument that is used. */

static inline CURLcode keelson_curl_set_long(CURL *curl, CURLoption option, long value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode keelson_curl_set_text(CURL *curl, CURLoption option, const char *text) {
    return curl_easy_setopt(curl, option, text);
}

static inline CURLcode keelson_curl_set_pointer(CURL *curl, CURLoption option, void *pointer) {
    return curl_easy_setopt(curl, option, pointer);
}

static inline CURLcode keelson_curl_set_headers(CURL *curl, struct curl_slist *headers) {
    return curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
}

typedef size_t (*keelson_curl_receiver)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode keelson_curl_set_receiver(
    CURL *curl, CURLoption option, keelson_curl_receiver receiver) {
    return curl_easy_setopt(curl, option, receiver);
}

/* Copies the bytes. */
static inline CURLcode keelson_curl_set_blob(
    CURL *curl, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob;
    blob.data = (void *)bytes;
    blob.len = count;
    blob.flags = CURL_BLOB_COPY;
    return curl_easy_setopt(curl, option, &blob);
}

/* Copies the bytes. */
static inline CURLcode keelson_curl_set_body(CURL *curl, const void *bytes, curl_off_t count) {
    CURLcode code = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, count);
    return code == CURLE_OK ? curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, bytes) : code;
}

static inline long keelson_curl_get_long(CURL *curl, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(curl, info, &value);
    return value;
}

/* The socket of the connection; -1 without one. */
static inline int keelson_curl_get_socket(CURL *curl) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &socket);
    return (int)socket;
}

/* How the transfer has ended, if it has. */
static inline int keelson_curl_take_result(CURLM *multi, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return 1;
        }
    }
    return 0;
}
#endif
