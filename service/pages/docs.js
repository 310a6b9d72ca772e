"use strict";
// validatorUrl null: the badge would be fetched from another host.
SwaggerUIBundle({ url: "/openapi.yaml", dom_id: "#operations", deepLinking: true, validatorUrl: null });
