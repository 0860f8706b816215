"""A stand-in Salesforce org, a stand-in Incydr tenant and the Incydr between them, as a program of its own."""
