"""What was found in many messages comes in; text goes out, in the form that a program or a platform reads.

results     FileResult, FindingResult: read these first
documents   JSON, JSON lines, and the schema of both
sarif       SARIF 2.1.0, for code scanning
platforms   annotations of GitHub, code quality of GitLab
reviewdog   rdjson
xml         checkstyle, JUnit
statistics  how often each rule was broken
handbook    a rulebook -> a page of Markdown for each rule
table       FORMATS: each format by the word that `check --format` uses
"""
