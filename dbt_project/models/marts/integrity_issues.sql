with listed as (

    select * from {{ ref('int_integrity_faults_listed') }}

),

integrity_issues as (

    select
        issue_id,
        kind,
        severity,
        table_name,
        row_key,
        column_name,
        value,
        detail
    from listed

)

select * from integrity_issues
