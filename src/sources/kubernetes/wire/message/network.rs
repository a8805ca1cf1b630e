//! Services, ingresses and endpoint slices.

use super::meta::{ObjectMeta, Pair};

messages! {
    Service {
        metadata: Option<ObjectMeta> = message optional "1";
        spec: Option<ServiceSpec> = message optional "2";
        status: Option<ServiceStatus> = message optional "3";
    }

    ServiceSpec {
        ports: Vec<ServicePort> = message repeated "1";
        selector: Vec<Pair> = message repeated "2" via "super::value::pairs";
        cluster_ip: String = string "3" as "clusterIP";
        kind: String = string "4" as "type";
        external_ips: Vec<String> = string repeated "5" as "externalIPs";
        external_name: String = string "10";
    }

    ServicePort {
        protocol: String = string "2";
        port: i32 = int32 "3";
        node_port: i32 = int32 "5";
    }

    /// Of a service or an ingress: the numbers that matter are the same.
    ServiceStatus {
        load_balancer: Option<LoadBalancer> = message optional "1";
    }

    LoadBalancer {
        ingress: Vec<LoadBalancerIngress> = message repeated "1";
    }

    LoadBalancerIngress {
        ip: String = string "1";
        hostname: String = string "2";
    }

    Ingress {
        metadata: Option<ObjectMeta> = message optional "1";
        spec: Option<IngressSpec> = message optional "2";
        status: Option<ServiceStatus> = message optional "3";
    }

    IngressSpec {
        default_backend: Option<Backend> = message optional "1";
        tls: Vec<IngressTls> = message repeated "2";
        rules: Vec<IngressRule> = message repeated "3";
        ingress_class_name: String = string "4";
    }

    IngressTls {
        hosts: Vec<String> = string repeated "1";
    }

    /// In JSON the value is flattened into the rule, hence two readings of it.
    IngressRule {
        host: String = string "1";
        value: Option<IngressRuleValue> = message optional "2" as "ingressRuleValue";
        http: Option<HttpRule> = message optional "536870911";
    }

    IngressRuleValue {
        http: Option<HttpRule> = message optional "1";
    }

    HttpRule {
        paths: Vec<HttpPath> = message repeated "1";
    }

    HttpPath {
        path: String = string "1";
        backend: Option<Backend> = message optional "2";
    }

    Backend {
        resource: Option<ResourceBackend> = message optional "3";
        service: Option<ServiceBackend> = message optional "4";
    }

    ResourceBackend {
        kind: String = string "2";
        name: String = string "3";
    }

    ServiceBackend {
        name: String = string "1";
        port: Option<BackendPort> = message optional "2";
    }

    BackendPort {
        name: String = string "1";
        number: i32 = int32 "2";
    }

    EndpointSlice {
        metadata: Option<ObjectMeta> = message optional "1";
        endpoints: Vec<Endpoint> = message repeated "2";
        ports: Vec<EndpointPort> = message repeated "3";
        address_type: String = string "4";
    }

    Endpoint {
        addresses: Vec<String> = string repeated "1";
        conditions: Option<EndpointConditions> = message optional "2";
    }

    EndpointConditions {
        ready: Option<bool> = bool optional "1";
    }

    EndpointPort {
        name: String = string "1";
        protocol: String = string "2";
        port: Option<i32> = int32 optional "3";
    }
}
