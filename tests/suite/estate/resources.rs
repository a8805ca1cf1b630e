//! The objects of the estate that are plain tables.

use std::sync::Arc;

use quarterdeck::model::*;

use super::{ago, certificates, meta};

#[allow(clippy::too_many_lines, reason = "it is a list")]
pub(super) fn resources() -> Vec<(Kind, Resource)> {
    let row = |kind: Kind, namespace: &str, name: &str, cells: Vec<Value>| {
        let resource = Resource {
            meta: meta(namespace, name, 500_000),
            cells: cells.into(),
            ..Resource::default()
        };
        (kind, resource)
    };
    let text = |text: &str| Value::Text(text.into());
    let name = |name: &str| Value::Name(name.into());
    let number = Value::Number;
    let mut slice = row(
        Kind::EndpointSlice,
        "ecommerce-prod",
        "shop-abc12",
        vec![
            name("shop"),
            number(0),
            number(3),
            text("10.244.1.7,10.244.1.8 + 1 more"),
            text("8080/TCP"),
            name("IPv4"),
        ],
    );
    slice.1.health = Health::Bad;
    slice.1.why = Some("no endpoint is ready".into());
    let mut budget = row(
        Kind::PodDisruptionBudget,
        "ecommerce-prod",
        "shop",
        vec![
            text("2"),
            Value::None,
            number(1),
            number(2),
            number(3),
            number(0),
        ],
    );
    budget.1.health = Health::Warn;
    budget.1.why = Some("1 of 2 wanted pods healthy".into());
    let mut expiring = row(
        Kind::Custom(Arc::new(certificates())),
        "ecommerce-prod",
        "shop-tls",
        vec![
            text("False"),
            text("shop-tls"),
            Value::Time(ago(86_400).unwrap()),
        ],
    );
    expiring.1.health = Health::Warn;
    expiring.1.why = Some("Issuing certificate as Secret does not exist".into());
    vec![
        row(
            Kind::Service,
            "ecommerce-prod",
            "shop",
            vec![
                name("ClusterIP"),
                text("10.96.12.7"),
                Value::None,
                text("80/TCP,9090/TCP"),
                text("app=shop,tier=web"),
            ],
        ),
        row(
            Kind::Service,
            "default",
            "kubernetes",
            vec![
                name("ClusterIP"),
                text("10.96.0.1"),
                Value::None,
                text("443/TCP"),
                Value::None,
            ],
        ),
        row(
            Kind::Ingress,
            "ecommerce-prod",
            "shop",
            vec![
                name("nginx"),
                text("shop.example.com"),
                text("203.0.113.7"),
                text("80, 443"),
                text("shop:80"),
            ],
        ),
        slice,
        row(
            Kind::ConfigMap,
            "ecommerce-prod",
            "shop-config",
            vec![number(4), Value::Bytes(1_843), Value::None],
        ),
        row(
            Kind::ConfigMap,
            "ecommerce-prod",
            "dashboards",
            vec![number(31), Value::Bytes(912_384), Value::None],
        ),
        row(
            Kind::Secret,
            "ecommerce-prod",
            "shop-tls",
            vec![
                name("kubernetes.io/tls"),
                number(2),
                Value::Bytes(5_120),
                Value::None,
            ],
        ),
        row(
            Kind::PersistentVolumeClaim,
            "ecommerce-prod",
            "data-orders-db-0",
            vec![
                name("Bound"),
                text("pvc-1b2c"),
                Value::Bytes(8 << 30),
                name("RWO"),
                name("standard"),
                name("Filesystem"),
            ],
        ),
        budget,
        row(Kind::Namespace, "", "ecommerce-prod", vec![name("Active")]),
        row(Kind::Namespace, "", "storefront", vec![name("Active")]),
        expiring,
    ]
}
